import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import type { CopyOptions } from '../backend.js';
import type { FileInfo } from '../file-info.js';
import type { OpenFile, OpenFlags } from '../open-file.js';
import { childPath, parentPath, type SftpPath } from '../path.js';
import type { SftpSession } from '../session.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import type { Place } from './mount.js';

const BLOCK_BYTES = 256 * 1024;

const READ: OpenFlags = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};
const WRITE_NEW: OpenFlags = { ...READ, read: false, write: true, create: true, exclusive: true };

/**
 * Copies a regular file from one place to another, block by block, with its permission bits (no set-id bits).
 *
 * The copy is written under a hidden name of its own beside the target (`.copy-` and random digits) and renamed
 * when it is whole. So the target appears whole or not at all also where a backend shows uploads as they are
 * written, and what has to be removed after a failure cannot be somebody else's file. Only a process that is killed
 * meanwhile leaves it.
 *
 * @throws as `SftpBackend.copy`, and `EIO` when the copy was given up
 */
export async function streamCopy(
  from: Place,
  to: Place,
  { overwrite, signal }: CopyOptions,
  session: SftpSession,
): Promise<void> {
  const { mode } = await assertCopyable(from, session);
  await assertTarget(to, overwrite, session);
  if (from.mount === to.mount && from.path === to.path) return;

  const { backend } = to.mount;
  const part = childPath(parentPath(to.path), `.copy-${randomBytes(12).toString('hex')}`);
  const source = await from.mount.backend.openFile(from.path, READ, session);
  try {
    const flags = mode === undefined ? WRITE_NEW : { ...WRITE_NEW, mode: mode & 0o777 };
    const target = await backend.openFile(part, flags, session);
    try {
      await writeWhole(source, target, signal);
      assertWanted(signal);
      await backend.rename(part, to.path, { overwrite }, session);
    } catch (error) {
      await removeLeftover(to, part, session);
      throw error;
    }
  } finally {
    await letGo(source);
  }
}

async function writeWhole(
  source: OpenFile,
  target: OpenFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let size = 0; ;) {
      // Between two synchronous backends nothing else would run, and nobody could give the copy up.
      await setImmediate();
      assertWanted(signal);
      const count = await source.read(block, size);
      assertCount(count);
      if (count === 0) break;
      await target.write(block.subarray(0, count), size);
      size += count;
    }
  } catch (error) {
    await letGo(target);
    throw error;
  }
  await target.close();
}

async function assertCopyable(from: Place, session: SftpSession): Promise<FileInfo> {
  const info = await from.mount.backend.fileInfo(from.path, session);
  if (info.type === 'directory') throw new SftpError('EISDIR');
  // To open a FIFO can block for ever, and to open a device can do anything.
  if (info.type !== 'regular') throw new SftpError('EACCES', `A ${info.type} cannot be copied`);
  return info;
}

/** Finds out before a long copy what the rename would find out after it. */
async function assertTarget(to: Place, overwrite: boolean, session: SftpSession): Promise<void> {
  const { backend } = to.mount;
  try {
    const info = await (backend.linkInfo?.(to.path, session) ?? backend.fileInfo(to.path, session));
    if (!overwrite) throw new SftpError('EEXIST');
    if (info.type === 'directory') throw new SftpError('EISDIR');
  } catch (error) {
    if (toSftpError(error).code !== 'ENOENT') throw error;
  }
}

function assertWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new SftpError('EIO', 'The copy was given up');
}

function assertCount(count: number): void {
  if (!Number.isInteger(count) || count < 0 || count > BLOCK_BYTES) {
    throw new TypeError(`The backend's read returned ${count}; 0 to ${BLOCK_BYTES} was expected`);
  }
}

async function letGo(file: OpenFile): Promise<void> {
  try {
    await file.abort();
  } catch {
    // Nothing has come of it that anybody would miss.
  }
}

async function removeLeftover(to: Place, part: SftpPath, session: SftpSession): Promise<void> {
  try {
    await to.mount.backend.delete(part, session);
  } catch {
    // Most often the backend has removed it by itself; the copy has failed either way.
  }
}
