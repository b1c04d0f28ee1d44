import { describe, expect, it } from '@jest/globals';

import { RangeBuffers } from './range-buffers.js';
import { DrivenSource } from './spec-support/driven-source.js';
import { KIB, LIMITS, readerOf, readInOrder } from './spec-support/reading.js';

describe('RangeBuffers', () => {
  it('gives out again what came back, and never to two at once', () => {
    const buffers = new RangeBuffers(1000, 2);
    const [one, other] = [buffers.take(1000), buffers.take(1000)];
    expect(one).not.toBe(other);
    buffers.give(one);
    expect(buffers.take(1000)).toBe(one);
    expect(buffers.take(1000)).not.toBe(one);
  });

  it('gives a buffer of exactly the length', () => {
    const buffers = new RangeBuffers(1000, 2);
    const [whole, part] = [buffers.take(1000), buffers.take(999)];
    buffers.give(part);
    expect([whole.length, part.length, buffers.take(999).length]).toEqual([1000, 999, 999]);
  });

  it('keeps no more than it may', () => {
    const buffers = new RangeBuffers(1000, 1);
    const [held, one, other] = [buffers.take(1000), buffers.take(1000), buffers.take(1000)];
    buffers.give(one);
    buffers.give(other);
    expect([buffers.take(1000), buffers.take(1000)]).not.toContain(other);
    expect(held).not.toBe(one);
  });

  it('keeps nothing while nobody holds one', () => {
    const buffers = new RangeBuffers(1000, 2);
    const one = buffers.take(1000);
    const other = buffers.take(1000);
    buffers.give(one);
    buffers.give(other);
    expect([one, other]).not.toContain(buffers.take(1000));
  });

  it('serves a long download from as many buffers as the window has', async () => {
    const taken = new Set<Buffer>();
    const returned: Buffer[] = [];
    let takes = 0;
    class Watched extends RangeBuffers {
      override take(length: number): Buffer {
        const buffer = super.take(length);
        if (length === LIMITS.rangeSize) {
          taken.add(buffer);
          takes += 1;
        }
        return buffer;
      }
      override give(buffer: Buffer): void {
        if (buffer.length === LIMITS.rangeSize) returned.push(buffer);
        super.give(buffer);
      }
    }
    const setting = readerOf(new DrivenSource(16 * KIB * KIB).answerAll(), {
      buffers: new Watched(LIMITS.rangeSize, LIMITS.concurrency),
    });
    await readInOrder(setting, { to: 16 * KIB * KIB, length: 64 * KIB, inFlight: 8 });
    setting.reader.close();
    expect(takes).toBeGreaterThan(55);
    expect(taken.size).toBeLessThanOrEqual(LIMITS.concurrency + 1);
    expect(returned.length).toBe(takes);
  });
});
