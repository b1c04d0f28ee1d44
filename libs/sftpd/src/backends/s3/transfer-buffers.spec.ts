import { describe, expect, it, jest } from '@jest/globals';

import { TransferBuffers } from './transfer-buffers.js';

describe('TransferBuffers', () => {
  it('gives out again what came back, and never to two at once', () => {
    const buffers = new TransferBuffers(1000, 2);
    const [one, other] = [buffers.take(1000), buffers.take(1000)];
    expect(one).not.toBe(other);
    buffers.give(one);
    expect(buffers.take(1000)).toBe(one);
    expect(buffers.take(1000)).not.toBe(one);
  });

  it('gives a buffer of exactly the length', () => {
    const buffers = new TransferBuffers(1000, 2);
    const [whole, part] = [buffers.take(1000), buffers.take(999)];
    buffers.give(part);
    expect([whole.length, part.length, buffers.take(999).length]).toEqual([1000, 999, 999]);
  });

  it('keeps no more than it may', () => {
    const buffers = new TransferBuffers(1000, 1);
    const [held, one, other] = [buffers.take(1000), buffers.take(1000), buffers.take(1000)];
    buffers.give(one);
    buffers.give(other);
    expect([buffers.take(1000), buffers.take(1000)]).not.toContain(other);
    expect(held).not.toBe(one);
  });

  it('keeps what nobody holds for a short while, and then nothing', () => {
    jest.useFakeTimers();
    try {
      const buffers = new TransferBuffers(1000, 2);
      const one = buffers.take(1000);
      buffers.give(one);
      jest.advanceTimersByTime(999);
      expect(buffers.take(1000)).toBe(one);
      jest.advanceTimersByTime(10_000);
      buffers.give(one);
      jest.advanceTimersByTime(1000);
      expect(buffers.take(1000)).not.toBe(one);
    } finally {
      jest.useRealTimers();
    }
  });
});
