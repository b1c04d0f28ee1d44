import { constants } from 'node:fs';
import { copyFile, lstat } from 'node:fs/promises';

import type { CopyOptions } from '../../filesystem/backend.js';
import { SftpError } from '../../filesystem/sftp-error.js';

import type { ConfinedPath } from './confined-path.js';
import type { PinnedEntry } from './directory-handle.js';
import {
  chmodDescriptor,
  closeDescriptor,
  hasCode,
  openDescriptor,
  readAt,
  syncDescriptor,
  truncateDescriptor,
  writeAt,
} from './file-calls.js';
import { fileTypeOfStats } from './file-info-of-stats.js';
import type { FolderSettings } from './folder-options.js';
import { TemporaryPlace } from './temporary-place.js';

const BLOCK_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** What `ioctl(FICLONE)` says where two files cannot share their blocks. */
const NO_CLONES = [
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'ENOTTY',
  'EINVAL',
  'EXDEV',
  'EPERM',
] as const;

/**
 * Copies a regular file to a hidden temporary file, which then takes the target's name. File systems that
 * can share the blocks of both do so; elsewhere holes stay holes, so that a small file with a large size does
 * not fill the disk.
 *
 * @param from the file; its final links are followed
 * @param to the target; a final link is replaced, not followed
 * @throws `ENOENT`, `EEXIST` (no `overwrite`), `EISDIR`, `EACCES`, `EROFS`, `ENOSPC`
 */
export async function copyFolderFile(
  from: ConfinedPath,
  to: ConfinedPath,
  { overwrite, signal }: CopyOptions,
  settings: FolderSettings,
): Promise<void> {
  const source = await from.pinFollowed();
  try {
    assertCopyable(source);
    await assertTarget(to, overwrite);
    const place = new TemporaryPlace(to.directory.retain(), to.name);
    try {
      const cloned = await cloneContent(source, place.child);
      await withDescriptors(source, place.child, cloned, async (input, output) => {
        if (!cloned) await copyContent(input, output, signal);
        // The set-id bits would now give the rights of this process.
        await chmodDescriptor(output, source.stats.mode & 0o777);
        if (settings.durable) await syncDescriptor(output);
      });
    } catch (error) {
      await place.discard().catch(() => undefined);
      throw error;
    }
    await place.commit({ overwrite, durable: settings.durable });
  } finally {
    source.close();
  }
}

/** Makes the target share the source's blocks; `false` where that cannot be, and nothing is there then. */
async function cloneContent(source: PinnedEntry, target: string): Promise<boolean> {
  // A clone has the set-id bits as well, and for a moment would hand out the rights of this process.
  if ((source.stats.mode & 0o6000) !== 0) return false;
  try {
    await copyFile(source.path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (hasCode(error, ...NO_CLONES)) return false;
    throw error;
  }
}

async function withDescriptors(
  source: PinnedEntry,
  target: string,
  exists: boolean,
  use: (input: number, output: number) => Promise<void>,
): Promise<void> {
  const input = await source.open(constants.O_RDONLY);
  try {
    const create = exists ? 0 : constants.O_CREAT | constants.O_EXCL;
    const flags = constants.O_WRONLY | constants.O_NOFOLLOW | create;
    const output = await openDescriptor(target, flags, 0o600);
    try {
      await use(input, output);
    } finally {
      await closeDescriptor(output);
    }
  } finally {
    await closeDescriptor(input);
  }
}

async function copyContent(
  input: number,
  output: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let size = 0;
  for (;;) {
    if (signal?.aborted === true) throw new SftpError('EIO', 'The copy was given up');
    const count = await readAt(input, block, 0, size);
    if (count === 0) break;
    const part = block.subarray(0, count);
    if (!part.equals(ZEROS.subarray(0, count))) await writeAll(output, part, size);
    size += count;
  }
  await truncateDescriptor(output, size);
}

async function writeAll(fd: number, data: Buffer, position: number): Promise<void> {
  for (let written = 0; written < data.length;) {
    const count = await writeAt(fd, data, written, position + written);
    if (count === 0) throw new SftpError('EIO');
    written += count;
  }
}

function assertCopyable({ stats }: PinnedEntry): void {
  if (stats.isDirectory()) throw new SftpError('EISDIR');
  if (!stats.isFile()) {
    throw new SftpError('EACCES', `A ${fileTypeOfStats(stats)} cannot be copied`);
  }
}

/** Finds out before a long copy what the commit would find out after it. */
async function assertTarget(to: ConfinedPath, overwrite: boolean): Promise<void> {
  try {
    const stats = await lstat(to.child);
    if (!overwrite) throw new SftpError('EEXIST');
    if (stats.isDirectory()) throw new SftpError('EISDIR');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
