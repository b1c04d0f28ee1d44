import { type ByteRange, evenRanges } from './even-ranges.js';
import { MAX_PART, MIN_PART } from './part-plan.js';

const GIB = 1024 ** 3;

/** One part of a composed object. */
export interface ComposedPart extends ByteRange {
  /** Whether the store makes it of the same range of the old object; otherwise it is sent. */
  readonly copied: boolean;
}

/** What an object is to be composed of. */
export interface Composition {
  /** Of the new object, in bytes; at least 1. */
  readonly size: number;
  /** Runs of the old object that the new one has at the same place, in order. */
  readonly kept: readonly ByteRange[];
  /** Bytes of a part that is sent, if there is a choice. */
  readonly partSize: number;
  /** Bytes of the shortest part but the last. @default MIN_PART */
  readonly minPart?: number;
}

/** Parts that runs alone may make; the others are for cutting long runs. */
const MAX_RUNS = 4000;
const MAX_SENT = 2500;

/**
 * Cuts a changed object into parts: the store copies the runs that have not changed, as far as they are long enough
 * to be parts, and the rest is sent. A stretch to be sent that is too short for a part takes what it lacks from the
 * run behind it.
 *
 * @returns the parts in order: every byte is in one of them, each but the last has at least `minPart` bytes and none
 * more than 5 GiB, and there are at most 10,000
 */
export function composePlan({
  size,
  kept,
  partSize,
  minPart = MIN_PART,
}: Composition): ComposedPart[] {
  // Both kinds of runs are at least so long, which bounds their number.
  const shortest = Math.max(minPart, Math.ceil(size / MAX_RUNS));
  const parts: ComposedPart[] = [];
  let done = 0;
  for (const run of kept) {
    const start = run.start === done ? done : Math.max(run.start, done + shortest);
    const end = Math.min(run.end, size);
    if (end - start < shortest) continue;
    parts.push(...sentParts({ start: done, end: start }, size, partSize));
    parts.push(...copiedParts({ start, end }));
    done = end;
  }
  return [...parts, ...sentParts({ start: done, end: size }, size, partSize)];
}

/**
 * Cuts what the store copies.
 *
 * @param range at least as long as the shortest part
 */
export function copiedParts(range: ByteRange): ComposedPart[] {
  const length = range.end - range.start;
  const most = length > 1000 * GIB ? MAX_PART : GIB;
  return evenRanges(range, Math.ceil(length / most)).map((part) => ({ ...part, copied: true }));
}

function sentParts(range: ByteRange, size: number, partSize: number): ComposedPart[] {
  const length = range.end - range.start;
  if (length === 0) return [];
  const least = Math.max(partSize, Math.ceil(size / MAX_SENT));
  // Rounded down: a part is rather up to twice as long than too short.
  const count = Math.max(Math.floor(length / least), Math.ceil(length / MAX_PART));
  return evenRanges(range, Math.max(count, 1)).map((part) => ({ ...part, copied: false }));
}
