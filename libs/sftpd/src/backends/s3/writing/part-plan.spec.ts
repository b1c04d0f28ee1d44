import { describe, expect, it } from '@jest/globals';

import { dice } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { MAX_OBJECT, MAX_PART, MAX_PARTS, PartPlan, type PlannedPart } from './part-plan.js';

const MIB = 1024 * 1024;

function allParts(plan: PartPlan): PlannedPart[] {
  const parts: PlannedPart[] = [];
  for (let offset = plan.firstOffset; offset < MAX_OBJECT; offset = parts.at(-1)!.end) {
    parts.push(plan.partAt(offset));
  }
  return parts;
}

describe('the plan of an upload of unknown length', () => {
  it.each([
    { partSize: 5 * MIB },
    { partSize: 8 * MIB },
    { partSize: 16 * MIB },
    { partSize: 5 * 1024 * MIB },
    { partSize: 5 * MIB, firstNumber: 1025, firstOffset: MAX_OBJECT - 3 * 1024 ** 4 },
    { partSize: 5 * MIB, firstNumber: 4001, firstOffset: 64 * MIB * 4000 + 17 },
  ])('has room for the longest object: %j', (options) => {
    const plan = new PartPlan(options);
    const parts = allParts(plan);
    expect(parts[0]).toMatchObject({ number: plan.firstNumber, start: plan.firstOffset });
    for (const [index, part] of parts.entries()) {
      if (part.number !== plan.firstNumber + index) throw new Error(`${index} has another number`);
      if (index > 0 && part.start !== parts[index - 1]!.end) throw new Error(`gap at ${index}`);
      if (part.end - part.start > MAX_PART) throw new Error(`${index} is too long`);
      if (part.end - part.start < options.partSize && part.end < MAX_OBJECT) {
        throw new Error(`${index} is too short`);
      }
    }
    expect(parts.at(-1)!.end).toBe(MAX_OBJECT);
    expect(parts.at(-1)!.number).toBeLessThanOrEqual(MAX_PARTS);
  });

  it('has equal parts first, which then double every 500', () => {
    const sizes = new Map(
      allParts(new PartPlan({ partSize: 8 * MIB })).map(({ number, start, end }) => [
        number,
        (end - start) / MIB,
      ]),
    );
    expect([1, 4000, 4001, 4500, 4501, 5001].map((number) => sizes.get(number))).toEqual([
      8, 8, 16, 16, 32, 64,
    ]);
  });

  it('finds the part of every byte', () => {
    const plan = new PartPlan({ partSize: 8 * MIB });
    const random = dice(4321);
    for (const part of allParts(plan)) {
      const inside = part.start + (random(2 ** 32) % (part.end - part.start));
      for (const offset of [part.start, inside, part.end - 1]) {
        if (plan.partAt(offset).number !== part.number) throw new Error(`wrong at ${offset}`);
      }
    }
    expect.hasAssertions();
    expect(plan.partAt(0)).toEqual({ number: 1, start: 0, end: 8 * MIB });
  });

  it('ends where an object, or the parts, must end', () => {
    const plan = new PartPlan({ partSize: 8 * MIB });
    expect(plan.partAt(MAX_OBJECT - 1).end).toBe(MAX_OBJECT);
    expect(() => plan.partAt(MAX_OBJECT)).toThrow(expect.objectContaining({ code: 'EFBIG' }));
    const small = new PartPlan({ partSize: 8 * MIB, maxPartSize: 16 * MIB });
    const end = 4000 * 8 * MIB + 6000 * 16 * MIB;
    expect(small.partAt(end - 1)).toMatchObject({ number: MAX_PARTS, end });
    expect(() => small.partAt(end)).toThrow(expect.objectContaining({ code: 'EFBIG' }));
  });
});
