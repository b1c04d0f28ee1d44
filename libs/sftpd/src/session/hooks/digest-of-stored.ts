import { createHash } from 'node:crypto';

import type { ContentDigest } from '../../events/storage-events.js';
import type { RandomAccessBackend } from '../../filesystem/backend.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';

const CHUNK_BYTES = 256 * 1024;

const READ_ONLY = {
  read: true,
  write: false,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
} as const;

/**
 * Reads a stored file to its end for its digest.
 *
 * @param algorithm as `node:crypto` names it
 * @throws whatever the backend throws
 */
export async function digestOfStored(
  backend: RandomAccessBackend,
  path: SftpPath,
  session: SftpSession,
  algorithm: string,
): Promise<ContentDigest> {
  const file = await backend.openFile(path, READ_ONLY, session);
  try {
    const hash = createHash(algorithm);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let offset = 0; ;) {
      const count = await file.read(chunk, offset);
      if (count === 0) break;
      hash.update(chunk.subarray(0, count));
      offset += count;
    }
    return { algorithm, hex: hash.digest('hex') };
  } finally {
    await file.close();
  }
}
