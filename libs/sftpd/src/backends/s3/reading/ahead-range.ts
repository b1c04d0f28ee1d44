import type { PendingRead } from './pending-read.js';
import type { RangeDownload } from './range-download.js';

/** A range that is read ahead: its bytes can be had as they come. */
export class AheadRange {
  readonly start: number;
  readonly end: number;
  readonly buffer: Buffer;
  download: RangeDownload | undefined;
  /** Those whose bytes are still to come. */
  readonly waiting = new Set<PendingRead>();
  /** Whether the client has gone elsewhere, and only those who wait still need it. */
  left = false;
  /** Whether its buffer has been given back. */
  released = false;
  #come = 0;
  #unread: number;
  /** The nearest byte up to which somebody waits. */
  #wanted = Infinity;

  /** @param buffer as long as the range; the range never gives it away itself */
  constructor(start: number, buffer: Buffer) {
    this.start = start;
    this.end = start + buffer.length;
    this.buffer = buffer;
    this.#unread = buffer.length;
  }

  /** Whether all its bytes have come. */
  get whole(): boolean {
    return this.#come === this.buffer.length;
  }

  /** Whether nobody is going to ask for it again, as far as can be told: as many bytes as it has were read. */
  get spent(): boolean {
    return this.waiting.size === 0 && (this.left || this.#unread <= 0);
  }

  /** Takes the bytes that come next. @returns whether somebody has waited for one of them */
  append(chunk: Uint8Array): boolean {
    this.buffer.set(chunk, this.#come);
    this.#come += chunk.length;
    return this.start + this.#come >= this.#wanted;
  }

  /** Whether the bytes up to `end`, or up to the end of the range, have come. */
  has(end: number): boolean {
    return this.start + this.#come >= Math.min(end, this.end);
  }

  /** Copies the bytes from `at` to `end`, as far as the range goes; they must have come. @returns their number */
  copy(target: Uint8Array, targetStart: number, at: number, end: number): number {
    const count = this.buffer.copy(
      target,
      targetStart,
      at - this.start,
      Math.min(end, this.end) - this.start,
    );
    this.#unread -= count;
    return count;
  }

  /** Has a READ wait until its bytes have come. */
  await(read: PendingRead): void {
    read.range = this;
    this.waiting.add(read);
    this.#wanted = Math.min(this.#wanted, read.end, this.end);
  }

  /** Lets a READ go that waits. */
  leave(read: PendingRead): void {
    read.range = undefined;
    this.waiting.delete(read);
  }

  /** The READs whose bytes have come; they wait no longer. */
  ready(): PendingRead[] {
    const ready: PendingRead[] = [];
    this.#wanted = Infinity;
    for (const read of this.waiting) {
      if (this.has(read.end)) ready.push(read);
      else this.#wanted = Math.min(this.#wanted, read.end, this.end);
    }
    for (const read of ready) this.leave(read);
    return ready;
  }
}
