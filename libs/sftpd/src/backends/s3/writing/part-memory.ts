import type { TransferBuffers } from '../transfer-buffers.js';
import type { TransferMemory } from '../transfer-memory.js';

/** What one upload holds at most, in bytes: less than 64 MiB with all that is around it. */
const MAX_BYTES = 36 * 1024 * 1024;

/** The buffers of one upload, counted in the memory that all uploads share. */
export class PartMemory {
  readonly #memory: TransferMemory;
  readonly #buffers: TransferBuffers;
  #held = 0;

  /** @param buffers which all uploads share, too */
  constructor(memory: TransferMemory, buffers: TransferBuffers) {
    this.#memory = memory;
    this.#buffers = buffers;
  }

  /**
   * A buffer with any content, if there is memory for it: what the upload could not go on without may take the last
   * of it, and what only makes it faster no more than half.
   *
   * @param bytes how long
   * @param outgrown a buffer that it is to replace; it is to be given back when its content has been copied
   */
  tryBuffer(bytes: number, outgrown?: Buffer): Buffer | undefined {
    const others = this.#held - (outgrown?.length ?? 0);
    if (others > 0 && this.#held + bytes > MAX_BYTES) return undefined;
    if (!this.#memory.tryTake(bytes, others > 0)) return undefined;
    this.#held += bytes;
    return this.#buffers.take(bytes);
  }

  /** Gives back a buffer, which nobody may touch any more. */
  give(buffer: Buffer): void {
    this.#held -= buffer.length;
    this.#buffers.give(buffer);
    this.#memory.give(buffer.length);
  }

  /** Settles when the upload, or another one, has given something back. */
  given(): Promise<void> {
    return this.#memory.given();
  }
}
