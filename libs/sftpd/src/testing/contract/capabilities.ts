import type { SftpBackend } from '../../filesystem/backend.js';

/** What a backend may leave out: its optional methods and declarations, but for the ways to a file's content. */
export const CAPABILITIES = [
  'linkInfo',
  'setAttributes',
  'setLinkAttributes',
  'symlink',
  'readLink',
  'hardLink',
  'statVfs',
  'copy',
  'ownerNames',
  'supportsSync',
] as const satisfies readonly (keyof SftpBackend)[];

/** The name of something that a backend may leave out. */
export type Capability = (typeof CAPABILITIES)[number];

/** The methods that reach a file's content; a backend has at least one that reads. */
export const CONTENT_METHODS = [
  'openFile',
  'readFileRange',
  'beginWrite',
  'readFile',
  'writeFile',
] as const satisfies readonly (keyof SftpBackend)[];

/** The name of a way to a file's content. */
export type ContentMethod = (typeof CONTENT_METHODS)[number];

/** What a backend leaves out; a declaration that is `false` is left out too. */
export function missingCapabilities(backend: Partial<SftpBackend>): Capability[] {
  return CAPABILITIES.filter((name) => backend[name] === undefined || backend[name] === false);
}

/** The ways to a file's content that a backend has. */
export function contentMethodsOf(backend: Partial<SftpBackend>): ContentMethod[] {
  return CONTENT_METHODS.filter((name) => backend[name] !== undefined);
}
