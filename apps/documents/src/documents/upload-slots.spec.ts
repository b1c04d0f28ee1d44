import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UploadSlots } from './upload-slots.js';

const MAX_WAIT = 1000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Settled or not, as seen from outside. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const pending = Promise.resolve('waiting');
  return Promise.race([promise.then(() => 'admitted'), pending]);
}

describe('UploadSlots', () => {
  it('admits so many at once, and the next one when a slot is given back', async () => {
    const slots = new UploadSlots(2, MAX_WAIT);
    const release = await slots.take();
    await slots.take();
    const third = slots.take();
    expect(await stateOf(third)).toBe('waiting');
    release();
    await third;
  });

  it('admits in the order of arrival', async () => {
    const slots = new UploadSlots(1, MAX_WAIT);
    const order: number[] = [];
    const release = await slots.take();
    const later = [1, 2, 3].map(async (number) => {
      const next = await slots.take();
      order.push(number);
      next();
    });
    release();
    await Promise.all(later);
    expect(order).toEqual([1, 2, 3]);
  });

  it('refuses with EAGAIN who has waited too long, and gives the slot to the next one', async () => {
    const slots = new UploadSlots(1, MAX_WAIT);
    const release = await slots.take();
    const refused = expect(slots.take()).rejects.toMatchObject({ code: 'EAGAIN' });
    await jest.advanceTimersByTimeAsync(MAX_WAIT / 2);
    const patient = slots.take();
    await jest.advanceTimersByTimeAsync(MAX_WAIT / 2);
    await refused;
    release();
    await patient;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('takes a slot back once, however often it is given back', async () => {
    const slots = new UploadSlots(1, MAX_WAIT);
    const release = await slots.take();
    release();
    release();
    await slots.take();
    const second = slots.take();
    expect(await stateOf(second)).toBe('waiting');
    const refused = expect(second).rejects.toMatchObject({ code: 'EAGAIN' });
    await jest.advanceTimersByTimeAsync(MAX_WAIT);
    await refused;
  });
});
