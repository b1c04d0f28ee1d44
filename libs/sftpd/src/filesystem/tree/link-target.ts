import {
  isRootPath,
  normalizePath,
  parentPath,
  rebasePath,
  ROOT_PATH,
  type SftpPath,
} from '../path.js';
import { SftpError } from '../sftp-error.js';
import type { Mount } from './mount.js';
import type { MountTable } from './mount-table.js';

/**
 * The target that a backend is given for a symbolic link of the tree. A backend follows its links by itself and
 * knows no other mount, so the way from the link to its target, as written, may not lead into one.
 *
 * @param path of the link, in the tree
 * @param target as the client wrote it; an absolute one is a path of the tree
 * @throws SftpError `EXDEV` when the target leaves the mount, `EINVAL` for a NUL character
 */
export function toStoredTarget(
  table: MountTable,
  mount: Mount,
  path: SftpPath,
  target: string,
): string {
  const absolute = target.startsWith('/');
  if (absolute && !isRootPath(mount.path)) {
    const canonical = normalizePath(target);
    assertInMount(table, mount, canonical);
    return rebasePath(canonical, mount.path, ROOT_PATH);
  }
  let here = absolute ? ROOT_PATH : parentPath(path);
  for (const segment of target.split('/')) {
    here = normalizePath(segment === '' ? '.' : segment, here);
    assertInMount(table, mount, here);
  }
  return target;
}

/** The target that a client is told of a link: what {@link toStoredTarget} was given. */
export function fromStoredTarget(mount: Mount, target: string): string {
  if (isRootPath(mount.path) || !target.startsWith('/')) return target;
  return rebasePath(normalizePath(target), ROOT_PATH, mount.path);
}

function assertInMount(table: MountTable, mount: Mount, path: SftpPath): void {
  if (table.find(path)?.mount !== mount) {
    throw new SftpError('EXDEV', 'A symbolic link cannot lead into another storage');
  }
}
