import { describe, expect, it } from '@jest/globals';

import { dice } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { type ComposedPart, composePlan, copiedParts } from './compose-plan.js';
import type { ByteRange } from './even-ranges.js';
import { MAX_OBJECT, MAX_PART, MAX_PARTS, MIN_PART } from './part-plan.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** What is wrong with a plan, or nothing. */
function faultOf(
  parts: readonly ComposedPart[],
  size: number,
  kept: readonly ByteRange[],
  minPart: number,
): string | undefined {
  let done = 0;
  for (const [index, { start, end, copied }] of parts.entries()) {
    if (start !== done) return `part ${index} begins at ${start} and not at ${done}`;
    if (end <= start) return `part ${index} is empty`;
    if (end - start > MAX_PART) return `part ${index} is too long`;
    if (index < parts.length - 1 && end - start < minPart) return `part ${index} is too short`;
    const isKept = kept.some((run) => run.start <= start && end <= run.end);
    if (copied && !isKept) return `part ${index} is copied and has changed`;
    done = end;
  }
  if (done !== size) return `the parts end at ${done}`;
  return parts.length > MAX_PARTS ? `${parts.length} parts` : undefined;
}

/** Runs in order, none touching another, of random lengths around `unit`. */
function randomRuns(random: (bound: number) => number, size: number, unit: number): ByteRange[] {
  const runs: ByteRange[] = [];
  for (let at = random(3) === 0 ? 0 : random(unit); at < size;) {
    const end = Math.min(at + 1 + random(3 * unit), size);
    runs.push({ start: at, end });
    at = end + 1 + random(random(2) === 0 ? 3 : 2 * unit);
  }
  return runs;
}

describe('the plan of a composed object', () => {
  it('is right for runs of any lengths', () => {
    const random = dice(20_001);
    for (let round = 0; round < 5000; round += 1) {
      const size = 1 + random(400);
      const minPart = 1 + random(20);
      const partSize = minPart + random(30);
      const kept = randomRuns(random, size, 1 + random(60));
      const parts = composePlan({ size, kept, partSize, minPart });
      const fault = faultOf(parts, size, kept, minPart);
      if (fault !== undefined) {
        throw new Error(`${fault}: ${JSON.stringify({ size, minPart, partSize, kept, parts })}`);
      }
    }
    expect.hasAssertions();
    expect(composePlan({ size: 1, kept: [], partSize: MIN_PART })).toHaveLength(1);
  });

  it.each([10 * MIB, 3 * GIB, 700 * GIB, 2000 * GIB, MAX_OBJECT])(
    'keeps within the bounds of S3 for %i bytes, however they are cut up',
    (size) => {
      const random = dice(size % 1_000_003);
      for (let round = 0; round < 20; round += 1) {
        const unit = Math.max(Math.floor(size / (1 + random(20_000))), 2);
        const kept = randomRuns((bound) => random(Math.min(bound, 2 ** 31)), size, unit).slice(
          0,
          65_536,
        );
        const parts = composePlan({ size, kept, partSize: 8 * MIB });
        expect(faultOf(parts, size, kept, MIN_PART)).toBeUndefined();
      }
    },
  );

  it('copies a whole object that has not changed', () => {
    const kept = [{ start: 0, end: 6 * MIB }];
    expect(composePlan({ size: 6 * MIB, kept, partSize: 8 * MIB })).toEqual([
      { start: 0, end: 6 * MIB, copied: true },
    ]);
  });

  it('sends as little as a part may be around a small change', () => {
    const size = 100 * MIB;
    const kept = [
      { start: 0, end: 50 * MIB },
      { start: 50 * MIB + 10, end: size },
    ];
    expect(composePlan({ size, kept, partSize: 8 * MIB })).toEqual([
      { start: 0, end: 50 * MIB, copied: true },
      { start: 50 * MIB, end: 55 * MIB, copied: false },
      { start: 55 * MIB, end: size, copied: true },
    ]);
  });

  it('sends a last part of any length', () => {
    const kept = [{ start: 0, end: 10 * MIB }];
    expect(composePlan({ size: 10 * MIB + 1, kept, partSize: 8 * MIB })).toEqual([
      { start: 0, end: 10 * MIB, copied: true },
      { start: 10 * MIB, end: 10 * MIB + 1, copied: false },
    ]);
  });

  it('sends runs that are too short to be parts', () => {
    const kept = [{ start: 3 * MIB, end: 7 * MIB }];
    expect(composePlan({ size: 9 * MIB, kept, partSize: 8 * MIB })).toEqual([
      { start: 0, end: 9 * MIB, copied: false },
    ]);
  });
});

describe('what the store copies', () => {
  it.each([MIN_PART, GIB, GIB + 1, 999 * GIB + 7, 1001 * GIB, MAX_OBJECT])(
    'is cut into parts that it takes: %i bytes',
    (size) => {
      const parts = copiedParts({ start: 0, end: size });
      expect(faultOf(parts, size, [{ start: 0, end: size }], MIN_PART)).toBeUndefined();
      expect(parts.length).toBeLessThanOrEqual(1025);
    },
  );
});
