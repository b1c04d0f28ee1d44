import { TransferMemory } from '../../transfer-memory.js';
import { ObjectReader } from '../object-reader.js';
import { TransferBuffers } from '../../transfer-buffers.js';
import type { ReadLimits } from '../read-limits.js';
import type { DrivenSource } from './driven-source.js';

export const KIB = 1024;

export const LIMITS: ReadLimits = {
  rangeSize: 256 * KIB,
  concurrency: 4,
  stallTimeout: 1000,
  requestTimeout: 5000,
};

/** A reader of a driven source, with what it works with. */
export interface Setting {
  readonly source: DrivenSource;
  readonly memory: TransferMemory;
  readonly reader: ObjectReader;
}

export function readerOf(
  source: DrivenSource,
  {
    limits = LIMITS,
    memory = new TransferMemory(1024 * KIB * KIB),
    buffers = new TransferBuffers(limits.rangeSize, 0),
  }: { limits?: ReadLimits; memory?: TransferMemory; buffers?: TransferBuffers } = {},
): Setting {
  const reader = new ObjectReader(source, source.object, limits, memory, buffers);
  return { source, memory, reader };
}

/** One READ. @returns the number of bytes @throws Error when they are not those of the object */
export async function readAt(
  { reader, source }: Setting,
  offset: number,
  length: number,
): Promise<number> {
  const target = Buffer.alloc(length, 0xee);
  const count = await reader.read(target, offset);
  if (!target.subarray(0, count).equals(source.content.subarray(offset, offset + count))) {
    throw new Error(`READ of ${length} bytes at ${offset} gave other bytes than the object has`);
  }
  return count;
}

/** Reads from `from` on as a client does that sends another READ for each reply. */
export async function readInOrder(
  setting: Setting,
  {
    from = 0,
    to,
    length,
    inFlight,
  }: { from?: number; to: number; length: number; inFlight: number },
): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to) {
      const at = next;
      next += length;
      const count = await readAt(setting, at, length);
      const expected = Math.max(0, Math.min(length, setting.source.object.size - at));
      if (count !== expected) throw new Error(`READ at ${at} gave ${count} bytes of ${expected}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** Settles when a condition holds, after as many turns of the event loop as that takes. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** One turn of the event loop. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** What became of a promise, without waiting for it. */
export function outcomeOf(promise: Promise<number>): { now: unknown } {
  const outcome: { now: unknown } = { now: 'pending' };
  promise.then(
    (count) => (outcome.now = count),
    (error: unknown) => (outcome.now = error),
  );
  return outcome;
}
