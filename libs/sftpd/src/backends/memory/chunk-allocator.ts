import { SftpError } from '../../filesystem/sftp-error.js';

/**
 * Bytes in a full chunk: large enough that a file has few of them, small enough that copying one while it
 * grows costs nothing noticeable, and what a client writes at once when it writes as much as SFTP servers
 * allow (255 KiB), so that each write of a large file fills one chunk.
 */
export const CHUNK_SIZE = 255 * 1024;

/** Memory of full chunks that is kept when nobody uses it, in bytes. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/**
 * Gets memory for chunks. Full ones that are given back are kept for the next that are asked for: fresh
 * memory costs more than all else in storing a large file, and so does having it collected.
 */
export class ChunkAllocator {
  readonly #kept: Buffer[] = [];

  /**
   * A chunk of undefined bytes.
   *
   * @throws SftpError `ENOSPC` when the process has no memory for it
   */
  take(length: number): Buffer {
    const chunk = this.takeIfPossible(length);
    if (chunk === undefined) throw new SftpError('ENOSPC');
    return chunk;
  }

  /** A chunk of undefined bytes, or `undefined` when the process has no memory for it. */
  takeIfPossible(length: number): Buffer | undefined {
    const kept = length === CHUNK_SIZE ? this.#kept.pop() : undefined;
    if (kept !== undefined) return kept;
    try {
      return Buffer.allocUnsafeSlow(length);
    } catch {
      return undefined;
    }
  }

  /** Gives back a chunk that nobody will look at again. */
  give(chunk: Buffer): void {
    if (chunk.length !== CHUNK_SIZE) return;
    if (this.#kept.length * CHUNK_SIZE < MAX_KEPT_BYTES) this.#kept.push(chunk);
  }
}
