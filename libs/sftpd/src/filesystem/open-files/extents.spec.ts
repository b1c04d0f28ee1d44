import { describe, expect, it } from '@jest/globals';

import { Extents } from './extents.js';
import { dice } from './spec-support/probe-storage.js';

describe('Extents', () => {
  const SEED = 4711;

  it(`knows of every byte whether it is there (seed ${SEED})`, () => {
    const random = dice(SEED);
    for (let round = 0; round < 100; round += 1) {
      const extents = new Extents();
      let there = new Set<number>();
      for (let step = 0; step < 40; step += 1) {
        const at = random(100);
        const end = at + 1 + random(12);
        const action = random(8);
        if (action === 0) {
          extents.cut(at);
          there = new Set([...there].filter((byte) => byte < at));
        } else if (action === 1) {
          extents.dropBefore(at);
          there = new Set([...there].filter((byte) => byte >= at));
        } else {
          const range = Array.from({ length: end - at }, (_, index) => at + index);
          expect(extents.missing(at, end)).toBe(range.filter((byte) => !there.has(byte)).length);
          extents.add(at, end);
          for (const byte of range) there.add(byte);
        }
        expect(extents.empty).toBe(there.size === 0);
        expect(extents.end).toBe(there.size === 0 ? 0 : Math.max(...there) + 1);
        for (const offset of [0, at, end, random(120)]) {
          expect(extents.firstFrom(offset)).toBe(firstFrom(there, offset));
          expect(extents.endOfRun(offset)).toBe(endOfRun(there, offset));
        }
      }
    }
  });

  it('refuses to be in more pieces than there is memory for', () => {
    const extents = new Extents();
    const addAll = (): void => {
      for (let at = 0; at < 200_000; at += 2) extents.add(at, at + 1);
    };
    expect(addAll).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    extents.add(1, 2);
    expect(extents.endOfRun(0)).toBe(3);
  });
});

function firstFrom(there: ReadonlySet<number>, offset: number): number {
  return Math.min(...[...there].filter((byte) => byte >= offset));
}

function endOfRun(there: ReadonlySet<number>, offset: number): number {
  let end = offset;
  while (there.has(end)) end += 1;
  return end;
}
