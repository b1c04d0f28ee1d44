import { constants } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';

import { SftpError } from '../../filesystem/sftp-error.js';

import type { DirectoryHandle } from './directory-handle.js';
import { closeDescriptor, hasCode, openDescriptor, syncDescriptor } from './file-calls.js';

/** A name in a directory that is held. */
export interface Place {
  readonly directory: DirectoryHandle;
  readonly name: string;
  /** Host path, for calls that do not follow a final symbolic link. */
  readonly child: string;
}

/** What `link(2)` says where it cannot give this file a second name but `rename(2)` could move it. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'] as const;

/**
 * Moves a file, link or directory to a name that must be free.
 *
 * `rename(2)` replaces, and Node does not offer `renameat2(2)`. So a file gets the new name with `link(2)`,
 * which refuses a taken one, and then loses the old. For a directory, and where there are no hard links,
 * the name is looked at first; what appears there between the look and the rename is refused by the
 * system unless it is an empty directory (or, without hard links, a file), which is replaced.
 *
 * @throws `EEXIST` when the name is taken
 */
export async function moveToFreeName(from: Place, to: Place): Promise<void> {
  const stats = await lstat(from.child);
  // Some systems follow a link in link(2); Linux does not.
  const linkable = stats.isFile() || (from.directory.pinned && !stats.isDirectory());
  if (linkable && (await moveByLink(from.child, to.child))) return;
  if (await exists(to.child)) throw new SftpError('EEXIST');
  await rename(from.child, to.child);
}

/** @returns whether the file was moved; `false` when the file system cannot do it in this way */
async function moveByLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, ...NO_HARD_LINKS)) return false;
    throw error;
  }
  try {
    await unlink(from);
  } catch (error) {
    await unlink(to).catch(() => undefined);
    throw error;
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Forces the names of a directory to the disk; Windows has no such call. */
export async function syncDirectory(directory: DirectoryHandle): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = await openDescriptor(directory.self, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await syncDescriptor(fd);
  } finally {
    await closeDescriptor(fd);
  }
}
