import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { DrivenSource } from './spec-support/driven-source.js';
import {
  KIB,
  outcomeOf,
  readAt,
  readerOf,
  readInOrder,
  turn,
  until,
} from './spec-support/reading.js';

const MIB = 1024 * KIB;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('close', () => {
  const closed = { code: 'EBADF' };

  it('with nothing under way leaves nothing, and ends all reading', async () => {
    const setting = readerOf(new DrivenSource(MIB).answerAll());
    await readInOrder(setting, { to: 512 * KIB, length: 16 * KIB, inFlight: 2 });
    setting.reader.close();
    setting.reader.close();
    expect(setting.memory.used).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
    await expect(readAt(setting, 0, 10)).rejects.toMatchObject(closed);
    await expect(readAt(setting, 2 * MIB, 10)).rejects.toMatchObject(closed);
  });

  it.each([
    ['before any answer', () => undefined],
    [
      'in the middle of bodies',
      (source: DrivenSource) => source.underWay.map((get) => get.send(10)),
    ],
    [
      'between two tries',
      (source: DrivenSource) => source.underWay.map((get) => get.send(10).truncate()),
    ],
  ])('%s fails READs that wait and leaves nothing under way', async (_when, prepare) => {
    const source = new DrivenSource(8 * MIB).answerAll();
    const setting = readerOf(source);
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 1 });
    source.onGet = () => undefined;
    const reads = Array.from({ length: 70 }, (_, index) =>
      outcomeOf(readAt(setting, MIB + index * 32 * KIB, 32 * KIB)),
    );
    reads.push(outcomeOf(readAt(setting, 7 * MIB, 100)));
    prepare(source);
    await turn();
    const waiting = reads.filter(({ now }) => now === 'pending');
    expect(waiting.length).toBeGreaterThan(1);
    setting.reader.close();
    await turn();
    for (const read of waiting) expect(read.now).toMatchObject(closed);
    expect(source.underWay).toEqual([]);
    expect(setting.memory.used).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
    const before = source.gets.length;
    jest.advanceTimersByTime(60_000);
    await turn();
    expect(source.gets.length).toBe(before);
  });

  it('destroys a body that comes too late', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    const get = source.last;
    get.answer();
    setting.reader.close();
    await until(() => get.body.destroyed);
    expect(read.now).toMatchObject(closed);
  });
});
