import type { TransferMemory } from '../transfer-memory.js';

/** What one upload holds at most, in bytes: less than 64 MiB with all that is around it. */
const MAX_BYTES = 56 * 1024 * 1024;

/**
 * The buffers of one upload, counted in the memory that all uploads share. One full-size buffer that is not needed
 * at the moment is kept for the next part.
 */
export class PartMemory {
  readonly #memory: TransferMemory;
  readonly #fullSize: number;
  #held = 0;
  #spare: Buffer | undefined;
  #keeps = true;

  /** @param fullSize bytes of the buffers that are worth to be kept */
  constructor(memory: TransferMemory, fullSize: number) {
    this.#memory = memory;
    this.#fullSize = fullSize;
  }

  /**
   * A buffer with any content, if there is memory for it: what the upload could not go on without may take the last
   * of it, and what only makes it faster no more than half.
   *
   * @param bytes how long
   * @param outgrown a buffer that it is to replace; it is to be given back when its content has been copied
   */
  tryBuffer(bytes: number, outgrown?: Buffer): Buffer | undefined {
    if (this.#spare?.length === bytes) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    this.#dropSpare();
    const others = this.#held - (outgrown?.length ?? 0);
    if (others > 0 && this.#held + bytes > MAX_BYTES) return undefined;
    if (!this.#memory.tryTake(bytes, others > 0)) return undefined;
    this.#held += bytes;
    return Buffer.allocUnsafeSlow(bytes);
  }

  /** Gives back a buffer, which nobody may touch any more. */
  give(buffer: Buffer): void {
    if (this.#keeps && buffer.length === this.#fullSize && this.#spare === undefined) {
      this.#spare = buffer;
    } else this.#giveBytes(buffer.length);
  }

  /** Nothing is kept for later any more. Buffers that are still out are to be given back as ever. */
  close(): void {
    this.#keeps = false;
    this.#dropSpare();
  }

  /** Settles when the upload, or another one, has given something back. */
  given(): Promise<void> {
    return this.#memory.given();
  }

  #dropSpare(): void {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) this.#giveBytes(spare.length);
  }

  #giveBytes(bytes: number): void {
    this.#held -= bytes;
    this.#memory.give(bytes);
  }
}
