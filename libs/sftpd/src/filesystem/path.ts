import { SftpError } from './sftp-error.js';

declare const canonical: unique symbol;

/**
 * A canonical path of the tree a session sees: absolute, `/`-separated, without empty, `.` or `..`
 * segments, without a trailing slash (but for the root, `/`) and without NUL. Only the functions of this file
 * make one, so whoever receives it need not check it again.
 */
export type SftpPath = string & { readonly [canonical]: true };

/** A path that is canonical as it is written, as those of most clients are; not the root. */
const CANONICAL = /^(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)+$/;

/** The root of the tree, `/`. */
export const ROOT_PATH = '/' as SftpPath;

/**
 * Makes the canonical path of what a client wrote.
 *
 * `.` and `..` are resolved in the text alone; `..` above the root stays at the root.
 *
 * @param path what the client sent, absolute or relative
 * @param base what a relative path starts from
 * @default base `/`
 * @throws SftpError `EINVAL` when the path contains a NUL character
 */
export function normalizePath(path: string, base: SftpPath = ROOT_PATH): SftpPath {
  if (CANONICAL.test(path)) return path as SftpPath;
  if (path.includes('\0')) throw new SftpError('EINVAL', 'The path contains a NUL character');
  const segments: string[] = [];
  const written = path.startsWith('/') ? path : `${base}/${path}`;
  for (const segment of written.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  return `/${segments.join('/')}` as SftpPath;
}

/** Whether `path` is the root of the tree. */
export function isRootPath(path: SftpPath): boolean {
  return path === ROOT_PATH;
}

/** The directory that holds `path`; the root's parent is the root. */
export function parentPath(path: SftpPath): SftpPath {
  const slash = path.lastIndexOf('/');
  return (slash <= 0 ? '/' : path.slice(0, slash)) as SftpPath;
}

/** The last segment of `path`; empty for the root. */
export function baseName(path: SftpPath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The path of an entry of a directory.
 *
 * @throws SftpError `EINVAL` when `name` cannot be the name of an entry (empty, `.`, `..`, or with `/` or NUL)
 */
export function childPath(directory: SftpPath, name: string): SftpPath {
  if (!isEntryName(name))
    throw new SftpError('EINVAL', 'Not a name that a directory entry can have');
  return (directory === ROOT_PATH ? `/${name}` : `${directory}/${name}`) as SftpPath;
}

/** Whether `name` can be the name of a directory entry. */
export function isEntryName(name: string): boolean {
  return (
    name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
  );
}

/** The segments of `path` from the root down; none for the root. */
export function pathSegments(path: SftpPath): string[] {
  return path === ROOT_PATH ? [] : path.slice(1).split('/');
}

/** Whether `path` is `ancestor` itself or lies below it. */
export function isWithin(path: SftpPath, ancestor: SftpPath): boolean {
  return ancestor === ROOT_PATH || path === ancestor || path.startsWith(`${ancestor}/`);
}

/**
 * The path that lies to `to` as `path` lies to `from`: `/in/a/b` from `/in` to `/data` is `/data/a/b`.
 *
 * @param path `from` itself or a path below it
 */
export function rebasePath(path: SftpPath, from: SftpPath, to: SftpPath): SftpPath {
  if (path === from) return to;
  const below = isRootPath(from) ? path : path.slice(from.length);
  return (isRootPath(to) ? below : `${to}${below}`) as SftpPath;
}
