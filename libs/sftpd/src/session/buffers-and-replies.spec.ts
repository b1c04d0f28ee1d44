import { describe, expect, it } from '@jest/globals';

import { BufferPool } from './buffer-pool.js';
import { ReplyQueue } from './reply-queue.js';

const MIB = 1024 * 1024;
const SMALL = 34 * 1024;
const LARGE = 256 * 1024;

describe('BufferPool', () => {
  it.each([0, 1, 100, 8191, 8192, 32_768, SMALL, SMALL + 1, LARGE, LARGE + 1, MIB])(
    'gives a buffer of exactly %i bytes',
    (length) => {
      const pool = new BufferPool(MIB);
      const buffer = pool.take(length);
      expect(buffer.length).toBe(length);
      pool.give(buffer);
      expect(pool.take(length).length).toBe(length);
    },
  );

  it.each([8192, 32_768, SMALL, SMALL + 1, LARGE])('uses a buffer of %i bytes again', (length) => {
    const pool = new BufferPool(MIB);
    const first = pool.take(length);
    pool.give(first.subarray(5, 10));
    const second = pool.take(length);
    expect(second.buffer).toBe(first.buffer);
    expect(pool.take(length).buffer).not.toBe(first.buffer);
  });

  it('gives a returned buffer for any length of its size', () => {
    const pool = new BufferPool(MIB);
    const first = pool.take(8192);
    pool.give(first);
    const second = pool.take(SMALL);
    expect(second.buffer).toBe(first.buffer);
    expect(second.length).toBe(SMALL);
  });

  it('never gives one buffer to two owners', () => {
    const pool = new BufferPool(MIB);
    const taken = Array.from({ length: 8 }, () => pool.take(32_768));
    expect(new Set(taken.map((buffer) => buffer.buffer)).size).toBe(8);
    for (const buffer of taken) pool.give(buffer);
    const again = Array.from({ length: 12 }, () => pool.take(32_768));
    expect(new Set(again.map((buffer) => buffer.buffer)).size).toBe(12);
  });

  it('does not adopt a buffer that it has not made, of whatever size', () => {
    const pool = new BufferPool(MIB);
    for (const length of [100, 32_768, SMALL, LARGE, MIB]) {
      const foreign = Buffer.allocUnsafeSlow(length);
      pool.give(foreign);
      expect(pool.take(Math.min(length, LARGE)).buffer).not.toBe(foreign.buffer);
    }
    const other = new BufferPool(MIB).take(SMALL);
    pool.give(other);
    expect(pool.take(SMALL).buffer).not.toBe(other.buffer);
  });

  it('does not keep small buffers, which lie in memory that others use', () => {
    const pool = new BufferPool(MIB);
    const small = pool.take(100);
    pool.give(small);
    const next = pool.take(100);
    expect(next.buffer === small.buffer && next.byteOffset === small.byteOffset).toBe(false);
  });

  it('keeps no more than it was allowed', () => {
    const pool = new BufferPool(2 * LARGE);
    const taken = Array.from({ length: 5 }, () => pool.take(LARGE));
    const known = new Set(taken.map((buffer) => buffer.buffer));
    for (const buffer of taken) pool.give(buffer);
    const again = Array.from({ length: 5 }, () => pool.take(LARGE));
    expect(again.filter((buffer) => known.has(buffer.buffer))).toHaveLength(2);
  });

  it('has room again when a kept buffer was taken', () => {
    const pool = new BufferPool(LARGE);
    for (let round = 0; round < 5; round++) {
      const buffer = pool.take(LARGE);
      pool.give(buffer);
      const again = pool.take(LARGE);
      expect(again.buffer).toBe(buffer.buffer);
      pool.give(again);
    }
  });

  it('keeps nothing when nothing may be kept', () => {
    const pool = new BufferPool(0);
    const buffer = pool.take(LARGE);
    pool.give(buffer);
    expect(pool.take(LARGE).buffer).not.toBe(buffer.buffer);
  });
});

describe('ReplyQueue', () => {
  function queue(inOrder: boolean): { queue: ReplyQueue; sent: string[] } {
    const sent: string[] = [];
    return { queue: new ReplyQueue((packet) => sent.push(packet.toString()), inOrder), sent };
  }

  it('sends replies as they come', () => {
    const { queue: replies, sent } = queue(false);
    const [a, b, c] = [replies.reserve(), replies.reserve(), replies.reserve()];
    c(Buffer.from('c'));
    a(Buffer.from('a'));
    expect(sent).toEqual(['c', 'a']);
    b(Buffer.from('b'));
    expect(sent).toEqual(['c', 'a', 'b']);
  });

  it('sends replies in the order of their requests where that is needed', () => {
    const { queue: replies, sent } = queue(true);
    const [a, b, c, d] = [1, 2, 3, 4].map(() => replies.reserve());
    c?.(Buffer.from('c'));
    b?.(Buffer.from('b'));
    expect(sent).toEqual([]);
    a?.(Buffer.from('a'));
    expect(sent).toEqual(['a', 'b', 'c']);
    d?.(Buffer.from('d'));
    expect(sent).toEqual(['a', 'b', 'c', 'd']);
  });

  const SEED = 31_337;

  it(`keeps the order of any number of replies (seed ${SEED})`, () => {
    let state = SEED;
    const random = (bound: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % bound;
    };
    const { queue: replies, sent } = queue(true);
    const open: (() => void)[] = [];
    let count = 0;
    while (count < 2000 || open.length > 0) {
      if (count < 2000 && random(2) === 0) {
        const slot = replies.reserve();
        const name = String(count++);
        open.push(() => slot(Buffer.from(name)));
      } else {
        open.splice(random(open.length), 1)[0]?.();
      }
    }
    expect(sent).toEqual(Array.from({ length: 2000 }, (_, index) => String(index)));
  });
});
