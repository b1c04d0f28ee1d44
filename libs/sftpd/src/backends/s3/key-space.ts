import { isEntryName, isRootPath, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';

/** Name of the marker that keeps an empty directory: a zero-byte object in it. */
export const MARKER = '.keep';

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
    return assertShort(this.prefix + path.slice(1));
  }

  /** What the keys of everything in a directory begin with: it ends in `/`, but for the root of a whole bucket. */
  directoryPrefix(path: SftpPath): string {
    return isRootPath(path) ? this.prefix : assertShort(`${this.prefix}${path.slice(1)}/`);
  }

  /** The key of the marker that keeps a directory. */
  markerKey(path: SftpPath): string {
    return assertShort(this.directoryPrefix(path) + MARKER);
  }
}

/**
 * The name of the entry of a directory that a listed key or common prefix stands for; `undefined` for a marker
 * and for what no client could name (`//`, `.`, `..`, NUL).
 *
 * @param prefix the directory's
 * @param listed a key or, ending in `/`, a common prefix
 */
export function entryName(prefix: string, listed: string): string | undefined {
  const rest = listed.slice(prefix.length);
  const name = rest.endsWith('/') ? rest.slice(0, -1) : rest;
  if (rest === MARKER || !isEntryName(name)) return undefined;
  return name;
}

/** Whether a key below a directory's prefix only marks the directory itself: `dir/` or `dir/.keep`. */
export function isMarker(prefix: string, key: string): boolean {
  return key === prefix || key === prefix + MARKER;
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

function assertShort(key: string): string {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new SftpError('ENAMETOOLONG');
  return key;
}
