import type { SftpError } from '../../../filesystem/sftp-error.js';
import type { TransferMemory } from '../transfer-memory.js';
import { AheadRange } from './ahead-range.js';
import type { TransferBuffers } from '../transfer-buffers.js';
import type { RangeDownloads } from './range-downloads.js';
import type { ReadLimits } from './read-limits.js';

/** Who hears of what becomes of the ranges of a {@link ReadWindow}. */
export interface WindowOwner {
  /** Whether a READ is still going to take bytes of a range. */
  needs(range: AheadRange): boolean;
  /** Bytes have come for which somebody waits. */
  arrived(range: AheadRange): void;
  /** A GET is over, and another one may begin. */
  loaded(): void;
  /** The rest of a range will not come; the window does not have it any more. */
  failed(range: AheadRange, error: SftpError): void;
}

/** How a READ stands to those before it. */
export type Course = 'next' | 'stray' | 'seek';

/** READs that overtake one another are no seek while they are no more than so many of their own lengths apart. */
const OVERTAKING = 8;
/** After a failure ranges are no longer than this, in bytes, and grow again. */
const WIDTH_AFTER_FAILURE = 64 * 1024;

/**
 * What is held of an object around the place where a client reads it in order: ranges that have come or are on
 * their way. The further the client has read in order, the longer the ranges are and the further they reach; of a
 * client that reads at random nothing is held.
 */
export class ReadWindow {
  readonly #size: number;
  readonly #limits: ReadLimits;
  readonly #memory: TransferMemory;
  readonly #buffers: TransferBuffers;
  readonly #downloads: RangeDownloads;
  readonly #owner: WindowOwner;
  /** In order, without overlap; there are gaps where something failed, or nothing could be held. */
  readonly #ranges: AheadRange[] = [];
  /** Ranges of another place, for which somebody still waits. */
  readonly #left = new Set<AheadRange>();
  #held = 0;
  /** Where a client goes on that reads in order. */
  #next = -1;
  /** How many bytes it has asked for in order. */
  #run = 0;
  /** Where the next range begins: what lies before has been asked for already. */
  #tail = 0;
  /** Length of the next range; 0 while nothing is read ahead. */
  #width = 0;

  /** @param size of the object, in bytes */
  constructor(
    size: number,
    limits: ReadLimits,
    memory: TransferMemory,
    buffers: TransferBuffers,
    downloads: RangeDownloads,
    owner: WindowOwner,
  ) {
    this.#size = size;
    this.#limits = limits;
    this.#memory = memory;
    this.#buffers = buffers;
    this.#downloads = downloads;
    this.#owner = owner;
  }

  /** Takes note of a READ. A seek lets go of all ranges for which nobody waits. */
  follow(start: number, end: number): Course {
    const length = end - start;
    if (start === this.#next || this.#reaches(start, length)) {
      this.#run += Math.max(0, end - this.#next);
      this.#next = Math.max(end, this.#next);
      if (this.#width === 0) this.#width = Math.min(2 * length, this.#limits.rangeSize);
      return 'next';
    }
    if (end <= this.#next && start >= this.#next - OVERTAKING * length) return 'stray';
    for (const range of this.#ranges.splice(0)) this.#leave(range);
    this.#run = length;
    this.#next = end;
    this.#tail = start;
    this.#width = 0;
    return 'seek';
  }

  /** The range that has a byte, or is going to have it. */
  rangeAt(at: number): AheadRange | undefined {
    for (const range of this.#ranges) {
      if (at < range.start) return undefined;
      if (at < range.end) return range;
    }
    return undefined;
  }

  /** Whether a range is going to have a byte that none has yet. */
  awaits(at: number): boolean {
    return at >= this.#tail && this.#ranges.length > 0;
  }

  /** Takes note of bytes that are fetched without a range, because none could be had. */
  skip(end: number): void {
    this.#tail = Math.max(this.#tail, end);
  }

  /** Asks for what is wanted and not asked for yet, and for what is likely to be wanted next, within the limits. */
  extend(): void {
    while (this.#width > 0 && this.#tail < this.#size && !this.#downloads.full) {
      const wanted = this.#tail < this.#next;
      if (!wanted && this.#tail - this.#next >= 2 * this.#run) return;
      const length = Math.min(this.#width, this.#size - this.#tail);
      if (!this.#hasRoom(length, wanted)) return;
      const extra = wanted ? this.#ranges.length > 0 : this.#tail > this.#next;
      if (this.#memory.tryTake(length, extra)) this.#begin(length);
      else if (!wanted || !this.#dropPassed(this.#next)) return;
    }
  }

  /** Lets go of a range that is {@link AheadRange.spent}. */
  settle(range: AheadRange): void {
    if (range.spent) this.#release(range);
  }

  /** Lets go of all. */
  clear(): void {
    for (const range of [...this.#ranges, ...this.#left]) this.#release(range);
    this.#width = 0;
  }

  /** Whether a READ is one of a reading in order, though it does not begin where the last one ended. */
  #reaches(start: number, length: number): boolean {
    const first = this.#ranges[0];
    if (first === undefined || start < first.start) return false;
    return start <= Math.max(this.#tail, this.#next) + OVERTAKING * length;
  }

  #hasRoom(length: number, wanted: boolean): boolean {
    const { rangeSize, concurrency } = this.#limits;
    // A READ that was overtaken may still come for what lies a little before.
    const passed = wanted ? this.#next : this.#next - rangeSize / 4;
    while (this.#held + length > rangeSize * concurrency) {
      if (!this.#dropPassed(passed)) return false;
    }
    return true;
  }

  /** Lets go of a range that the client has passed without reading all of it. */
  #dropPassed(before: number): boolean {
    for (const range of this.#ranges) {
      if (range.end > before) return false;
      // Also one that waits for the range before: a READ may need two.
      if (this.#owner.needs(range)) continue;
      this.#release(range);
      return true;
    }
    return false;
  }

  #begin(length: number): void {
    const range = new AheadRange(this.#tail, this.#buffers.take(length));
    this.#ranges.push(range);
    this.#held += length;
    this.#tail += length;
    this.#width = Math.min(2 * this.#width, this.#limits.rangeSize);
    range.download = this.#downloads.begin(range.start, range.end, {
      bytes: (chunk) => {
        if (range.append(chunk)) this.#owner.arrived(range);
      },
      end: () => {
        range.download = undefined;
        this.#owner.loaded();
      },
      failed: (error) => {
        range.download = undefined;
        if (range.released) {
          this.#owner.loaded();
          return;
        }
        this.#width = Math.min(this.#width, WIDTH_AFTER_FAILURE);
        this.#run = 0;
        this.#release(range);
        this.#owner.failed(range, error);
      },
    });
  }

  #leave(range: AheadRange): void {
    range.left = true;
    this.#left.add(range);
    this.settle(range);
  }

  #release(range: AheadRange): void {
    if (range.released) return;
    // A body that only has to end is left to do so: its connection can be used again then.
    if (range.download && !range.whole) this.#downloads.cancel(range.download);
    range.released = true;
    if (!this.#left.delete(range)) this.#ranges.splice(this.#ranges.indexOf(range), 1);
    this.#held -= range.buffer.length;
    this.#memory.give(range.buffer.length);
    // Nothing writes into it any more: all its bytes have come, or its body is destroyed.
    this.#buffers.give(range.buffer);
  }
}
