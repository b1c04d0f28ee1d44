/**
 * Buffers of the longest ranges, which are used again: to allocate megabytes for every range costs more than to
 * copy them. Nothing is kept while nobody holds one.
 */
export class RangeBuffers {
  readonly #size: number;
  readonly #keep: number;
  readonly #free: Buffer[] = [];
  #taken = 0;

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
    this.#taken += 1;
    const kept = length === this.#size ? this.#free.pop() : undefined;
    return kept ?? Buffer.allocUnsafeSlow(length);
  }

  /** Takes a buffer back, which nobody reads or writes any more. */
  give(buffer: Buffer): void {
    this.#taken -= 1;
    if (this.#taken === 0) this.#free.length = 0;
    else if (buffer.length === this.#size && this.#free.length < this.#keep) {
      this.#free.push(buffer);
    }
  }
}
