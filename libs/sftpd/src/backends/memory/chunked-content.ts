import { SftpError } from '../../filesystem/sftp-error.js';
import { CHUNK_SIZE } from './chunk-allocator.js';
import type { Space } from './space.js';

/**
 * Largest size of a file in bytes, 1 PiB: beyond any memory, and so far below 2^53 that the sum of an offset
 * and a length is always exact.
 */
export const MAX_FILE_SIZE = 2 ** 50;

/**
 * The content of one file, in chunks that exist only where something was written.
 *
 * A chunk may be shorter than {@link CHUNK_SIZE}; what it lacks, like a chunk that is missing, is zeros. Bytes
 * of a chunk past the end of the file are always zero, so growing the file is a matter of its size alone.
 */
export class ChunkedContent {
  readonly #chunks = new Map<number, Buffer>();
  readonly #space: Space;
  #size = 0;

  /** @param space where the bytes of the chunks are counted */
  constructor(space: Space) {
    this.#space = space;
  }

  /** Size in bytes, with the holes. */
  get size(): number {
    return this.#size;
  }

  /** Fills `target` from `offset` on and returns how many bytes there were. */
  read(target: Uint8Array, offset: number): number {
    const count = Math.min(target.length, this.#size - offset);
    if (count <= 0) return 0;
    let done = 0;
    while (done < count) {
      const index = Math.floor((offset + done) / CHUNK_SIZE);
      const start = offset + done - index * CHUNK_SIZE;
      const end = Math.min(start + count - done, CHUNK_SIZE);
      const chunk = this.#chunks.get(index);
      const stored = chunk !== undefined && start < chunk.length;
      const copied = stored ? chunk.copy(target, done, start, end) : 0;
      const next = done + end - start;
      if (done + copied < next) target.fill(0, done + copied, next);
      done = next;
    }
    return count;
  }

  /**
   * Writes all of `data` at `offset`, or nothing.
   *
   * @throws SftpError `EFBIG` past {@link MAX_FILE_SIZE}, `ENOSPC`
   */
  write(data: Uint8Array, offset: number): void {
    if (data.length === 0) return;
    const end = offset + data.length;
    if (end > MAX_FILE_SIZE) throw new SftpError('EFBIG');
    this.#reserve(offset, end);
    for (let at = offset; at < end;) {
      const index = Math.floor(at / CHUNK_SIZE);
      const start = at - index * CHUNK_SIZE;
      const next = Math.min(end, (index + 1) * CHUNK_SIZE);
      const part = next - at === data.length ? data : data.subarray(at - offset, next - offset);
      this.#chunks.get(index)?.set(part, start);
      at = next;
    }
    if (end > this.#size) this.#size = end;
  }

  /**
   * Cuts the content or extends it with a hole.
   *
   * @throws SftpError `EFBIG` past {@link MAX_FILE_SIZE}
   */
  resize(size: number): void {
    if (size > MAX_FILE_SIZE) throw new SftpError('EFBIG');
    if (size < this.#size) {
      this.#dropFrom(Math.ceil(size / CHUNK_SIZE));
      this.#shorten(Math.floor(size / CHUNK_SIZE), size % CHUNK_SIZE);
    }
    this.#size = size;
  }

  /** Gives back what the last chunk has taken in advance; for when a writer is done. */
  trim(): void {
    this.#shorten(Math.floor(this.#size / CHUNK_SIZE), this.#size % CHUNK_SIZE);
  }

  /**
   * A copy that shares nothing with this content.
   *
   * @throws SftpError `ENOSPC`
   */
  clone(): ChunkedContent {
    let bytes = 0;
    for (const chunk of this.#chunks.values()) bytes += chunk.length;
    this.#space.take(bytes);
    const copy = new ChunkedContent(this.#space);
    copy.#size = this.#size;
    try {
      for (const [index, chunk] of this.#chunks) {
        const own = this.#space.chunks.take(chunk.length);
        own.set(chunk);
        copy.#chunks.set(index, own);
      }
    } catch (error) {
      this.#space.give(bytes);
      throw error;
    }
    return copy;
  }

  /**
   * Makes sure that there are chunks for all bytes from `start` to `end`, which the caller then writes; all or
   * none.
   */
  #reserve(start: number, end: number): void {
    const first = Math.floor(start / CHUNK_SIZE);
    const last = Math.floor((end - 1) / CHUNK_SIZE);
    let least = 0;
    let ample = 0;
    for (let index = first; index <= last; index += 1) {
      const length = this.#chunks.get(index)?.length ?? 0;
      const needed = Math.min(end - index * CHUNK_SIZE, CHUNK_SIZE);
      if (needed <= length) continue;
      least += needed - length;
      ample += this.#ampleLength(index, length, needed) - length;
    }
    if (least === 0) return;
    // Room to grow is worth having, but not at the price of refusing what would fit without it.
    const generous = this.#space.fits(ample);
    if (!generous && !this.#space.fits(least)) throw new SftpError('ENOSPC');
    const grown: (readonly [index: number, chunk: Buffer])[] = [];
    for (let index = first; index <= last; index += 1) {
      const old = this.#chunks.get(index);
      const length = old?.length ?? 0;
      const needed = Math.min(end - index * CHUNK_SIZE, CHUNK_SIZE);
      if (needed <= length) continue;
      const chunk = this.#space.chunks.take(
        generous ? this.#ampleLength(index, length, needed) : needed,
      );
      if (old !== undefined) chunk.set(old);
      // What is about to be written need not be cleared first.
      chunk.fill(0, length, Math.max(length, start - index * CHUNK_SIZE));
      chunk.fill(0, needed);
      grown.push([index, chunk]);
    }
    // Only when all of them were to be had, so that a failed write leaves nothing behind.
    this.#space.take(generous ? ample : least);
    for (const [index, chunk] of grown) this.#chunks.set(index, chunk);
  }

  #ampleLength(index: number, length: number, needed: number): number {
    // Behind a full chunk more of the same is likely: a large file is written without growing chunks again.
    if (this.#chunks.get(index - 1)?.length === CHUNK_SIZE) return CHUNK_SIZE;
    return Math.min(Math.max(needed, length * 2), CHUNK_SIZE);
  }

  #shorten(index: number, length: number): void {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined || chunk.length <= length) return;
    if (length === 0) {
      this.#drop(index, chunk);
      return;
    }
    const shorter = this.#space.chunks.takeIfPossible(length);
    if (shorter === undefined) {
      // Cutting a file must not fail for want of memory; the bytes are gone, their memory is not.
      chunk.fill(0, length);
      return;
    }
    chunk.copy(shorter, 0, 0, length);
    this.#space.give(chunk.length - length);
    this.#space.chunks.give(chunk);
    this.#chunks.set(index, shorter);
  }

  #dropFrom(first: number): void {
    const end = Math.ceil(this.#size / CHUNK_SIZE);
    // A sparse file may have far fewer chunks than its size has room for, and a dense one far more than are cut.
    if (end - first > this.#chunks.size) {
      for (const [index, chunk] of this.#chunks) if (index >= first) this.#drop(index, chunk);
      return;
    }
    for (let index = first; index < end; index += 1) {
      const chunk = this.#chunks.get(index);
      if (chunk !== undefined) this.#drop(index, chunk);
    }
  }

  #drop(index: number, chunk: Buffer): void {
    this.#chunks.delete(index);
    this.#space.give(chunk.length);
    this.#space.chunks.give(chunk);
  }
}
