/**
 * Sizes of the buffers that are kept, in bytes: for transfers by 32 KiB, and by what `limits@` offers; those between
 * are for what has come and has to wait.
 */
const SIZES = [34 * 1024, 64 * 1024, 128 * 1024, 256 * 1024] as const;
/** Smaller ones are cheaper to make than to keep. */
const MIN_POOLED_BYTES = 8 * 1024;

/**
 * Large buffers that are used again, so that the packets of a long transfer do not each cost fresh memory
 * and the collection of it. Whoever takes a buffer owns it until it is given back, once, or forgotten.
 */
export class BufferPool {
  readonly #free = new Map<number, Buffer[]>(SIZES.map((size) => [size, []]));
  readonly #own = new WeakSet<ArrayBufferLike>();
  readonly #maxKeptBytes: number;
  #keptBytes = 0;

  /** @param maxKeptBytes how much may lie unused */
  constructor(maxKeptBytes: number) {
    this.#maxKeptBytes = maxKeptBytes;
  }

  /** A buffer of `length` bytes, its content undefined. */
  take(length: number): Buffer {
    const size = SIZES.find((candidate) => candidate >= length);
    if (size === undefined || length < MIN_POOLED_BYTES) return Buffer.allocUnsafe(length);
    const kept = this.#free.get(size)?.pop();
    if (kept !== undefined) {
      this.#keptBytes -= size;
      return kept.subarray(0, length);
    }
    const made = Buffer.allocUnsafeSlow(size);
    this.#own.add(made.buffer);
    return made.subarray(0, length);
  }

  /** Gives back a buffer that {@link take} returned, or any view of it; others are left alone. */
  give(view: Buffer): void {
    const { buffer } = view;
    const free = this.#own.has(buffer) ? this.#free.get(buffer.byteLength) : undefined;
    if (free === undefined || this.#keptBytes + buffer.byteLength > this.#maxKeptBytes) return;
    this.#keptBytes += buffer.byteLength;
    free.push(Buffer.from(buffer));
  }
}
