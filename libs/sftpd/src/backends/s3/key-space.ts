import { baseName, isEntryName, isRootPath, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { ObjectVersion } from './store/stored-object.js';

/**
 * Name of the marker that keeps an empty directory: a zero-byte object in it.
 *
 * The name is the backend's own. A zero-byte object that bears it is hidden: it is in no listing and is not found
 * (`ENOENT`). Nobody can make anything of that name (`EACCES`). One with content, which others have made, is a file
 * like any other, so that no content is hidden or goes with its directory.
 */
export const MARKER = '.keep';

/** The longest name of an entry that can be made, in bytes of UTF-8, as on Linux; others may have made longer ones. */
export const MAX_NAME_BYTES = 255;

/** The longest key of S3, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * The keys below one prefix, and the paths they have in a session's tree. A path's key is the prefix and the
 * path without its leading slash; no path can reach a key outside the prefix.
 */
export class KeySpace {
  /** @param prefix empty, or checked by {@link checkedPrefix} */
  constructor(readonly prefix: string) {}

  /**
   * The key of the object that a path names.
   *
   * @throws SftpError `EISDIR` for the root, `ENAMETOOLONG`
   */
  fileKey(path: SftpPath): string {
    if (isRootPath(path)) throw new SftpError('EISDIR');
    return shortKey(this.prefix + path.slice(1));
  }

  /**
   * The key of an object that is to be made where a path names.
   *
   * @throws SftpError `EISDIR` for the root, `ENAMETOOLONG`, `EACCES` for the name of the marker
   */
  newFileKey(path: SftpPath): string {
    assertNewName(path);
    return this.fileKey(path);
  }

  /** What the keys of everything in a directory begin with: it ends in `/`, but for the root of a whole bucket. */
  directoryPrefix(path: SftpPath): string {
    return isRootPath(path) ? this.prefix : shortKey(`${this.prefix}${path.slice(1)}/`);
  }

  /**
   * The key of the marker that keeps a directory.
   *
   * @throws SftpError `ENAMETOOLONG`
   */
  markerKey(path: SftpPath): string {
    return shortKey(this.directoryPrefix(path) + MARKER);
  }

  /** Whether the path of a directory leaves room for the name of a marker. */
  hasRoomForMarker(path: SftpPath): boolean {
    return isShort(this.directoryPrefix(path) + MARKER);
  }
}

/**
 * Checks the name of what is to be made.
 *
 * @throws SftpError `EACCES` for the name of the marker, `ENAMETOOLONG`
 */
export function assertNewName(path: SftpPath): void {
  const name = baseName(path);
  if (name === MARKER) throw new SftpError('EACCES');
  if (isLongName(name)) throw new SftpError('ENAMETOOLONG');
}

/** Whether no entry of this name can be made, as it is too long. */
export function isLongName(name: string): boolean {
  return Buffer.byteLength(name) > MAX_NAME_BYTES;
}

/**
 * The name of the entry of a directory that a listed key or common prefix stands for; `undefined` for the
 * directory itself and for what no client could name (`//`, `.`, `..`, NUL).
 *
 * @param prefix the directory's
 * @param listed a key or, ending in `/`, a common prefix
 */
export function entryName(prefix: string, listed: string): string | undefined {
  const rest = listed.slice(prefix.length);
  const name = rest.endsWith('/') ? rest.slice(0, -1) : rest;
  return isEntryName(name) ? name : undefined;
}

/** Whether an object below a directory's prefix only marks the directory: a zero-byte `dir/` or `dir/.keep`. */
export function isMarker(
  prefix: string,
  { key, size }: Pick<ObjectVersion, 'key' | 'size'>,
): boolean {
  return size === 0 && (key === prefix || key === prefix + MARKER);
}

/** Whether an object is the marker of the directory that it is in. */
export function isHidden({ key, size }: Pick<ObjectVersion, 'key' | 'size'>): boolean {
  return size === 0 && key.slice(key.lastIndexOf('/') + 1) === MARKER;
}

/**
 * A prefix as it is used: it ends in `/`.
 *
 * @returns `undefined` when it cannot be one: no text, a leading `/`, an empty, `.` or `..` segment, control
 * characters, or too long for any name to follow
 */
export function checkedPrefix(prefix: unknown): string | undefined {
  if (typeof prefix !== 'string') return undefined;
  const segments = (prefix.endsWith('/') ? prefix.slice(0, -1) : prefix).split('/');
  if (segments.some((segment) => !isEntryName(segment) || /\p{Cc}/u.test(segment)))
    return undefined;
  const used = `${segments.join('/')}/`;
  // A lone surrogate has no UTF-8: it would name another key than the one that was meant.
  const isText = Buffer.from(used).toString() === used;
  return isText && Buffer.byteLength(used) < MAX_KEY_BYTES ? used : undefined;
}

/**
 * A key that is not too long.
 *
 * @throws SftpError `ENAMETOOLONG`
 */
export function shortKey(key: string): string {
  if (!isShort(key)) throw new SftpError('ENAMETOOLONG');
  return key;
}

function isShort(key: string): boolean {
  return Buffer.byteLength(key) <= MAX_KEY_BYTES;
}
