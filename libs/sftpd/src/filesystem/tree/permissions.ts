/** What a session may do at a path. */
export const PERMISSIONS = [
  'list',
  'read',
  'write',
  'create',
  'overwrite',
  'delete',
  'rename',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/**
 * Permissions by path. The rule of the nearest path at or above the one in question holds; where there is none,
 * nothing is allowed.
 */
export type PermissionRules = Readonly<Record<string, readonly Permission[]>>;
