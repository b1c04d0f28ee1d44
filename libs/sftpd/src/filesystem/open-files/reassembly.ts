import { Extents } from './extents.js';
import type { TemporaryFile, TemporaryFiles } from './temporary-file.js';

/** What is in memory at a time of what comes back from the temporary file, in bytes. */
const BLOCK_BYTES = 256 * 1024;

/**
 * The bytes of an upload that have come before their turn. Those just ahead wait in a ring of memory; those farther
 * ahead in a temporary file, made when it is needed. Of bytes that came twice the last ones stay.
 */
export class Reassembly {
  readonly #capacity: number;
  readonly #temporaryFiles: TemporaryFiles;
  /** The byte at offset `n` of the upload is kept at `n % capacity`. */
  #ring: Buffer | undefined;
  readonly #inRing = new Extents();
  #spill: TemporaryFile | undefined;

  /** @param capacity what may wait in memory, in bytes */
  constructor(capacity: number, temporaryFiles: TemporaryFiles) {
    this.#capacity = capacity;
    this.#temporaryFiles = temporaryFiles;
  }

  get empty(): boolean {
    return this.#inRing.empty && this.#spill === undefined;
  }

  /**
   * Keeps a copy of bytes.
   *
   * @param offset where they belong
   * @param turn the next byte whose turn it is; it only ever grows, and `offset` is not before it
   * @throws SftpError `ENOSPC`, `EIO`
   */
  async put(data: Uint8Array, offset: number, turn: number): Promise<void> {
    const fits = Math.min(Math.max(turn + this.#capacity - offset, 0), data.length);
    if (fits > 0) this.#putInRing(data.subarray(0, fits), offset);
    if (fits < data.length) {
      this.#spill ??= await this.#temporaryFiles.create();
      await this.#spill.write(data.subarray(fits), offset + fits);
    }
  }

  /** Some of the bytes that begin at `offset`, valid until the next call; `undefined` when they have not come. */
  async take(offset: number): Promise<Uint8Array | undefined> {
    // What is in the ring is newer: bytes are spilled only as long as the ring does not reach them.
    const end = this.#inRing.endOfRun(offset);
    if (end > offset && this.#ring !== undefined) {
      const start = offset % this.#capacity;
      return this.#ring.subarray(start, Math.min(start + end - offset, this.#capacity));
    }
    const spilledEnd = Math.min(
      this.#spill?.written.endOfRun(offset) ?? offset,
      this.#inRing.firstFrom(offset),
    );
    if (this.#spill === undefined || spilledEnd === offset) return undefined;
    const block = Buffer.allocUnsafe(Math.min(spilledEnd - offset, BLOCK_BYTES));
    await this.#spill.read(block, offset);
    return block;
  }

  /** The first byte at or past `offset` that has come; `Infinity` when none has. */
  firstFrom(offset: number): number {
    return Math.min(
      this.#inRing.firstFrom(offset),
      this.#spill?.written.firstFrom(offset) ?? Infinity,
    );
  }

  /** What lies before `offset` has had its turn. */
  async passed(offset: number): Promise<void> {
    this.#inRing.dropBefore(offset);
    if (this.#spill !== undefined && this.#spill.written.end <= offset) await this.#dropSpill();
  }

  /** What lies at or past `offset` has not come. */
  async cut(offset: number): Promise<void> {
    this.#inRing.cut(offset);
    if (this.#spill !== undefined && this.#spill.size > offset) await this.#spill.resize(offset);
  }

  /** Lets go of everything. */
  async close(): Promise<void> {
    this.#ring = undefined;
    this.#inRing.cut(0);
    await this.#dropSpill();
  }

  #putInRing(data: Uint8Array, offset: number): void {
    this.#inRing.add(offset, offset + data.length);
    this.#ring ??= Buffer.allocUnsafe(this.#capacity);
    const start = offset % this.#capacity;
    const untilWrap = data.subarray(0, this.#capacity - start);
    this.#ring.set(untilWrap, start);
    this.#ring.set(data.subarray(untilWrap.length), 0);
  }

  async #dropSpill(): Promise<void> {
    const spill = this.#spill;
    this.#spill = undefined;
    await spill?.close();
  }
}
