import { types } from 'node:util';

import { SftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';

/**
 * Reads a part of a file by `readFileRange`.
 *
 * @throws whatever the backend throws; SftpError `EIO` when it returns something else than that part
 */
export async function readRange(
  { backend, path, session }: BackendFile,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes: unknown = await backend.readFileRange?.(path, offset, length, session);
  if (types.isUint8Array(bytes) && bytes.length <= length) return bytes;
  const what = types.isUint8Array(bytes) ? `${bytes.length} bytes` : 'no Uint8Array';
  throw new SftpError('EIO', undefined, {
    cause: new TypeError(`The backend's readFileRange returned ${what} for ${length} bytes`),
  });
}
