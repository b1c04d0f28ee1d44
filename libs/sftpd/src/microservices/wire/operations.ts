/**
 * The version of the messages. Every request carries it, so that two sides that do not understand each other say
 * so instead of guessing.
 */
export const WIRE_VERSION = 1;

/** Where a remote backend is served unless the options say otherwise. */
export const DEFAULT_PATTERN = 'sftp-backend';

/** Calls that may be made twice without harm: they change nothing, or come to the same. */
const REPEATABLE = [
  'describe',
  'renew',
  'cancel',
  'listDir',
  'listNext',
  'listEnd',
  'fileInfo',
  'linkInfo',
  'readLink',
  'statVfs',
  'ownerNames',
  'read',
  'stat',
] as const;

/** Calls that change something, and must take effect once however often a transport delivers them. */
const CHANGING = [
  'openFile',
  'write',
  'setFileAttributes',
  'sync',
  'close',
  'abort',
  'makeDir',
  'delDir',
  'delete',
  'rename',
  'setAttributes',
  'setLinkAttributes',
  'symlink',
  'hardLink',
  'copy',
] as const;

/** Everything that one side can ask of the other; each has a message pattern of its own. */
export const OPERATIONS = [...REPEATABLE, ...CHANGING] as const;

/** The name of an operation. */
export type Operation = (typeof OPERATIONS)[number];

/** Whether an operation must not take effect twice. */
export function isChanging(operation: Operation): boolean {
  return (CHANGING as readonly Operation[]).includes(operation);
}

/**
 * The message pattern of an operation.
 *
 * @param prefix the option `pattern` of both sides
 * @example patternOf('sftp-backend', 'fileInfo') // 'sftp-backend.fileInfo'
 */
export function patternOf(prefix: string, operation: Operation): string {
  return `${prefix}.${operation}`;
}
