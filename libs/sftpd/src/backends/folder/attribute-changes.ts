import type { Stats } from 'node:fs';
import { chmod, chown, lchown, lutimes, truncate, utimes } from 'node:fs/promises';

import type { AttributeChanges } from '../../filesystem/file-info.js';
import { SftpError } from '../../filesystem/sftp-error.js';

import type { PinnedEntry } from './directory-handle.js';
import {
  chmodDescriptor,
  chownDescriptor,
  setTimesOfDescriptor,
  statDescriptor,
  truncateDescriptor,
} from './file-calls.js';
import { fileTypeOfStats } from './file-info-of-stats.js';

/** The calls that change the attributes of one thing, however it is held. */
interface AttributeCalls {
  stats(): Promise<Stats>;
  truncate(size: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  utimes(accessedAt: Date, modifiedAt: Date): Promise<void>;
}

/** Sets attributes of an open file. */
export function changeDescriptor(fd: number, changes: AttributeChanges): Promise<void> {
  return change(changes, {
    stats: () => statDescriptor(fd),
    truncate: (size) => truncateDescriptor(fd, size),
    chown: (uid, gid) => chownDescriptor(fd, uid, gid),
    chmod: (mode) => chmodDescriptor(fd, mode),
    utimes: (accessedAt, modifiedAt) => setTimesOfDescriptor(fd, accessedAt, modifiedAt),
  });
}

/**
 * Sets attributes of a file or directory that is held and is no symbolic link.
 *
 * @throws `EACCES` for a FIFO, socket or device; `EISDIR` for the size of a directory
 */
export async function changeEntry(entry: PinnedEntry, changes: AttributeChanges): Promise<void> {
  const { path, stats } = entry;
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new SftpError('EACCES', `The attributes of a ${fileTypeOfStats(stats)} cannot be set`);
  }
  if (changes.size !== undefined && stats.isDirectory()) throw new SftpError('EISDIR');
  await change(changes, {
    stats: () => Promise.resolve(stats),
    truncate: (size) => truncate(path, size),
    chown: (uid, gid) => chown(path, uid, gid),
    chmod: (mode) => chmod(path, mode),
    utimes: (accessedAt, modifiedAt) => utimes(path, accessedAt, modifiedAt),
  });
}

/**
 * Sets attributes of a symbolic link itself.
 *
 * @param link host path of the link
 * @throws `ENOTSUP` for its size and permission bits, which a link has not
 */
export async function changeLink(
  link: string,
  stats: Stats,
  changes: AttributeChanges,
): Promise<void> {
  const refuse = (what: string) =>
    Promise.reject(new SftpError('ENOTSUP', `A symbolic link has no ${what}`));
  if (changes.size !== undefined) await refuse('size that can be set');
  if (changes.mode !== undefined) await refuse('permission bits');
  await change(changes, {
    stats: () => Promise.resolve(stats),
    truncate: () => refuse('size that can be set'),
    chown: (uid, gid) => lchown(link, uid, gid),
    chmod: () => refuse('permission bits'),
    utimes: (accessedAt, modifiedAt) => lutimes(link, accessedAt, modifiedAt),
  });
}

/**
 * The order matters: a new size and a new owner change the times and clear the set-id bits, so they come
 * before what they would undo.
 */
async function change(changes: AttributeChanges, calls: AttributeCalls): Promise<void> {
  const { size, mode, uid, gid, accessedAt, modifiedAt } = changes;
  if (size !== undefined) await calls.truncate(size);
  // -1 leaves one of the two as it is, chown(2).
  if (uid !== undefined || gid !== undefined) await calls.chown(uid ?? -1, gid ?? -1);
  if (mode !== undefined) await calls.chmod(mode & 0o7777);
  if (accessedAt === undefined && modifiedAt === undefined) return;
  const before = await calls.stats();
  await calls.utimes(accessedAt ?? before.atime, modifiedAt ?? before.mtime);
}
