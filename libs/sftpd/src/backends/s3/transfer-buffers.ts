/** Milliseconds after the last use in which buffers are still kept: the next transfer is likely to want them. */
const IDLE = 1000;

/**
 * Long buffers, which are used again: to allocate megabytes for every part and range costs more than to copy them,
 * and leaves as much for the garbage collector, which comes late. One for each backend and length.
 */
export class TransferBuffers {
  readonly #size: number;
  readonly #keep: number;
  readonly #free: Buffer[] = [];
  #taken = 0;
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param size of the buffers that are kept, in bytes
   * @param keep how many of them
   */
  constructor(size: number, keep: number) {
    this.#size = size;
    this.#keep = keep;
  }

  /** A buffer of exactly that length, with anything in it; its taker gives it back once. */
  take(length: number): Buffer {
    clearTimeout(this.#idle);
    this.#taken += 1;
    const kept = length === this.#size ? this.#free.pop() : undefined;
    return kept ?? Buffer.allocUnsafeSlow(length);
  }

  /** Takes a buffer back, which nobody reads or writes any more. */
  give(buffer: Buffer): void {
    this.#taken -= 1;
    if (buffer.length === this.#size && this.#free.length < this.#keep) this.#free.push(buffer);
    if (this.#taken > 0 || this.#free.length === 0) return;
    this.#idle = setTimeout(() => {
      this.#free.length = 0;
    }, IDLE);
    this.#idle.unref();
  }
}
