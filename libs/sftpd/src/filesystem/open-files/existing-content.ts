import { types } from 'node:util';

import type { FileInfo } from '../file-info.js';
import { SftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';
import { readRange } from './read-range.js';
import type { OpenFileResources } from './open-file-resources.js';
import type { TemporaryFile } from './temporary-file.js';

/** What is in memory at a time of a file that is being copied by ranges, in bytes. */
const BLOCK_BYTES = 1024 * 1024;

/**
 * Reads a whole file by `readFile`, when there is room for it.
 *
 * @param use takes the content; the room is held until it has settled
 * @throws SftpError `EFBIG` when the file is, or turns out to be, longer than `maxWholeFileBytes`
 */
export async function withWholeContent<T>(
  { backend, path, session }: BackendFile,
  { size }: FileInfo,
  { bounds, wholeFileMemory }: OpenFileResources,
  use: (content: Uint8Array) => Promise<T>,
): Promise<T> {
  assertFits(size, bounds.maxWholeFileBytes);
  return wholeFileMemory.use(size, async () => {
    const content = await backend.readFile?.(path, session);
    if (!types.isUint8Array(content)) {
      throw new SftpError('EIO', undefined, {
        cause: new TypeError("The backend's readFile returned no Uint8Array"),
      });
    }
    assertFits(content.length, bounds.maxWholeFileBytes);
    return use(content);
  });
}

/**
 * Copies what a file holds into a temporary one, by ranges or, where there are none, whole.
 *
 * @param maxBytes the longest file that may be copied
 * @throws SftpError `EFBIG`, `ENOSPC`, and whatever the backend throws
 */
export async function copyContent(
  file: BackendFile,
  info: FileInfo,
  target: TemporaryFile,
  maxBytes: number,
  resources: OpenFileResources,
): Promise<void> {
  assertFits(info.size, maxBytes);
  if (file.backend.readFileRange === undefined) {
    await withWholeContent(file, info, resources, (content) => target.write(content, 0));
    return;
  }
  for (let ended = false; !ended;) {
    const block = await readRange(file, target.size, BLOCK_BYTES);
    assertFits(target.size + block.length, maxBytes);
    await target.write(block, target.size);
    ended = block.length < BLOCK_BYTES;
  }
}

/** @throws SftpError `EFBIG` */
export function assertFits(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new SftpError('EFBIG', `Files of more than ${maxBytes} bytes cannot be transferred here`);
}
