/**
 * What a session may do at a path.
 *
 * | permission  | allows |
 * | ----------- | ------ |
 * | `list`      | OPENDIR, READDIR, READLINK |
 * | `read`      | OPEN for reading; to be the source of a copy |
 * | `write`     | to change an existing file in place: OPEN for writing without TRUNC (append, resume), SETSTAT |
 * | `create`    | files, directories and copies whose name is not there yet |
 * | `overwrite` | to replace the content of an existing file: OPEN with TRUNC, and a rename or (with `create`) a copy onto it |
 * | `delete`    | REMOVE, RMDIR |
 * | `rename`    | RENAME, needed at both ends |
 *
 * Each allows what it says and nothing else: there is none that another one includes.
 *
 * - **Uploads.** What a client does through a handle that it was given for writing belongs to the upload: writes
 *   anywhere, FSETSTAT, truncation. Who has `create` alone makes new files and cannot touch one that is there, not
 *   even by a race; who has `overwrite` or `write` alone makes none. To resume an upload that was cut off needs
 *   `write`. An OPEN for reading and writing by who may write and not read is one for writing: its READs are
 *   refused, so that programs that ask for both and never read (`mkstemp`, `rsync` over sshfs) work.
 * - **Attributes** (STAT, LSTAT, `statvfs`) are told wherever anything is allowed, and on the way there from the root.
 * - **Listings** show what a session may do something with. A directory without `list` on the way to one with a
 *   permission can be listed too, and shows the way alone.
 * - **Renames** never give a permission: whatever is allowed at the target has to be allowed at the source as well.
 *   Without `overwrite` at the target, one that is there is not replaced.
 * - **Directories** below which another rule stands are not renamed, replaced or removed.
 * - **Links** are not made at all, as they would carry a permission from one path to another. Those that are in the
 *   storage already are followed by the storage, which knows no permissions: they lead where it says.
 * - **Refusals** are `EACCES` and come before the storage is asked, so they do not tell what exists. Where something
 *   is allowed, the storage's own errors are told.
 *
 * Paths are compared as they are written. A storage that ignores case or Unicode forms knows a file under other
 * names too: there, allow what is needed instead of taking something away below what is allowed.
 */
export const PERMISSIONS = [
  'list',
  'read',
  'write',
  'create',
  'overwrite',
  'delete',
  'rename',
] as const;

/** One of {@link PERMISSIONS}. */
export type Permission = (typeof PERMISSIONS)[number];

/**
 * Permissions by path. The rule of the nearest path at or above the one in question holds; where there is none,
 * nothing is allowed.
 *
 * @example
 * { '/': ['list'], '/inbox': ['list', 'create'], '/outbox': ['list', 'read', 'delete'] }
 */
export type PermissionRules = Readonly<Record<string, readonly Permission[]>>;

/** Everything can be listed and read, and nothing changed. */
export const readOnlyRules: PermissionRules = { '/': ['list', 'read'] };
