import { types } from 'node:util';

import type { FileInfo } from '../file-info.js';
import { SftpError } from '../sftp-error.js';
import { assertFits } from './assert-fits.js';
import type { BackendFile } from './backend-file.js';
import type { OpenFileResources } from './open-file-resources.js';

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
