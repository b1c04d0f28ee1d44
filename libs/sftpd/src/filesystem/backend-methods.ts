import type { OfTheServer, SftpBackend } from './backend.js';

/** The methods that every backend has. */
export const REQUIRED_METHODS = [
  'listDir',
  'fileInfo',
  'makeDir',
  'delDir',
  'delete',
  'rename',
] as const satisfies readonly (keyof SftpBackend)[];

/** The methods that reach a file's content; a backend has at least one that reads. */
export const CONTENT_METHODS = [
  'openFile',
  'readFileRange',
  'beginWrite',
  'readFile',
  'writeFile',
] as const satisfies readonly (keyof SftpBackend)[];

/** The methods that a backend may leave out; what it has not is not offered to clients. */
export const OPTIONAL_METHODS = [
  'linkInfo',
  'setAttributes',
  'setLinkAttributes',
  'symlink',
  'readLink',
  'hardLink',
  'statVfs',
  'copy',
  'ownerNames',
] as const satisfies readonly (keyof SftpBackend)[];

/** What a backend tells the server that it belongs to. */
export const SERVER_MEMBERS = [
  'listedDirectoryInfo',
  'admitSession',
] as const satisfies readonly OfTheServer[];

/** What a backend may leave out, but for the ways to a file's content: its optional methods and declarations. */
export const CAPABILITIES = [...OPTIONAL_METHODS, 'supportsSync'] as const;

/** The name of a way to a file's content. */
export type ContentMethod = (typeof CONTENT_METHODS)[number];

/** A method that a backend may leave out. */
export type OptionalMethod = (typeof OPTIONAL_METHODS)[number];

/** The name of something that a backend may leave out. */
export type Capability = (typeof CAPABILITIES)[number];

type Listed =
  (typeof REQUIRED_METHODS)[number] | ContentMethod | Capability | (typeof SERVER_MEMBERS)[number];

/** Whether every member of the contract is in one of the lists: the compiler asks for a new one here. */
type Complete = [Exclude<keyof SftpBackend, Listed>] extends [never] ? true : never;
export const LISTS_ARE_COMPLETE: Complete = true;

/** What a backend can do of what it may leave out; a declaration that is `false` is left out. */
export function capabilitiesOf(backend: Partial<SftpBackend>): Capability[] {
  return CAPABILITIES.filter((name) => backend[name] !== undefined && backend[name] !== false);
}

/** Whether a text names something that a backend may leave out. */
export function isCapability(name: string): name is Capability {
  return (CAPABILITIES as readonly string[]).includes(name);
}
