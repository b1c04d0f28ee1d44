import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { SftpError } from '../../../filesystem/sftp-error.js';
import { DrivenSource, preconditionFailed } from './spec-support/driven-source.js';
import {
  KIB,
  LIMITS,
  outcomeOf,
  readAt,
  readerOf,
  readInOrder,
  turn,
} from './spec-support/reading.js';

const MIB = 1024 * KIB;
const CHANGED = { code: 'EIO', message: 'The file was changed while it was being read' };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets time pass, and all that follows from it happen. */
async function pass(milliseconds: number): Promise<void> {
  await turn();
  jest.advanceTimersByTime(milliseconds);
  await turn();
}

describe('an object that is overwritten', () => {
  it('fails the READ that meets it, those that wait, and all after it, in the same way', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const reads = [0, 100_000, 300_000].map((at) => outcomeOf(readAt(setting, at, 1000)));
    source.gets[1]!.refuse(preconditionFailed());
    await turn();
    for (const read of reads) expect(read.now).toMatchObject(CHANGED);
    await expect(readAt(setting, 500_000, 10)).rejects.toMatchObject(CHANGED);
    expect(source.gets.length).toBe(3);
    expect(source.underWay).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
    setting.reader.close();
    await expect(readAt(setting, 0, 10)).rejects.toMatchObject({ code: 'EBADF' });
  });

  it('gives back what was read ahead, and serves none of it', async () => {
    const source = new DrivenSource(4 * MIB).answerAll();
    const setting = readerOf(source);
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 1 });
    expect(setting.memory.used).toBeGreaterThan(0);
    source.onGet = (get) => {
      get.refuse(preconditionFailed());
    };
    // What is held still is of the version that was opened: only the READ that needs more meets the other one.
    await expect(
      readInOrder(setting, { from: MIB, to: 4 * MIB, length: 32 * KIB, inFlight: 1 }),
    ).rejects.toMatchObject(CHANGED);
    expect(setting.memory.used).toBe(0);
    await expect(readAt(setting, MIB, 10)).rejects.toMatchObject(CHANGED);
  });

  it('in the middle of a body fails what was to be fetched again, and mixes nothing', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    source.last.send(400);
    await turn();
    source.last.breakOff();
    await pass(100);
    source.last.refuse(preconditionFailed());
    await turn();
    expect(read.now).toMatchObject(CHANGED);
    expect((read.now as Error).message).not.toContain('secret');
  });
});

describe('a range for which READs wait', () => {
  /** A reader in order whose second READ waits for a range. */
  async function waiting() {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const first = readAt(setting, 0, 1000);
    source.last.finish();
    await first;
    const read = outcomeOf(readAt(setting, 1000, 1000));
    const [, range] = source.gets;
    return { setting, source, read, range: range! };
  }

  it('and that is of another version ends all reading', async () => {
    const { setting, source, read, range } = await waiting();
    range.refuse(preconditionFailed());
    await turn();
    expect(read.now).toMatchObject(CHANGED);
    expect(setting.memory.used).toBe(0);
    expect(source.underWay).toEqual([]);
    expect(source.gets.filter(({ start }) => start === 1000).length).toBe(1);
  });

  it('and that comes too slowly fails a READ at its time, and serves the next one', async () => {
    const { setting, read, range } = await waiting();
    for (let at = 0; at < 5000; at += 500) {
      expect(read.now).toBe('pending');
      range.send(1);
      await pass(500);
    }
    expect(read.now).toMatchObject({ code: 'ETIMEDOUT' });
    const next = outcomeOf(readAt(setting, 1000, 1000));
    range.send(990);
    await turn();
    expect(next.now).toBe(1000);
  });

  it('and that goes on past its end has served them, and its memory is given back once', async () => {
    const { setting, source, read, range } = await waiting();
    const rest = outcomeOf(readAt(setting, 2000, 1000));
    range.send(2000);
    await turn();
    expect([read.now, rest.now]).toEqual([1000, 1000]);
    const ahead = setting.memory.used;
    expect(ahead).toBe(source.underWay.reduce((sum, get) => sum + get.length, 0) - range.length);
    range.send(1);
    await turn();
    expect(range.over).toBe(true);
    expect(setting.memory.used).toBeGreaterThanOrEqual(ahead);
    setting.reader.close();
    expect(setting.memory.used).toBe(0);
  });
});

describe('a body', () => {
  it.each([
    ['breaks off', 'breakOff'],
    ['ends early', 'truncate'],
  ] as const)('that %s is asked for again from there', async (_how, failure) => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 5000, 1000));
    source.last.send(300);
    await turn();
    source.last[failure]();
    await pass(99);
    expect(source.gets.length).toBe(1);
    await pass(1);
    expect(source.ranges).toEqual(['5000-6000', '5300-6000']);
    source.last.send(1);
    await turn();
    source.last[failure]();
    await pass(200);
    expect(source.ranges.at(-1)).toBe('5301-6000');
    source.last.finish();
    await turn();
    expect(read.now).toBe(1000);
  });

  it('that stalls is asked for again, its GET aborted', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    source.last.send(300);
    await pass(900);
    source.last.send(100);
    await pass(999);
    expect(source.last.over).toBe(false);
    await pass(1);
    expect([source.last.signal.aborted, source.last.body.destroyed]).toEqual([true, true]);
    await pass(100);
    expect(source.ranges).toEqual(['0-1000', '400-1000']);
    source.last.finish();
    await turn();
    expect(read.now).toBe(1000);
  });

  it('that breaks again and again fails its READ with EIO after a few tries', async () => {
    const source = new DrivenSource(MIB);
    source.onGet = (get) => {
      get.send(1).truncate();
    };
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    for (const wait of [0, 100, 200, 400, 800]) {
      expect(read.now).toBe('pending');
      await pass(wait);
    }
    expect(read.now).toMatchObject({ code: 'EIO', message: 'Input/output error' });
    expect(source.ranges).toEqual(['0-1000', '1-1000', '2-1000', '3-1000', '4-1000']);
    // The next READ is tried anew.
    source.answerAll();
    expect(await readAt(setting, 0, 1000)).toBe(1000);
  });

  it('that always stalls fails its READ with ETIMEDOUT when its time is up', async () => {
    const source = new DrivenSource(MIB);
    source.onGet = (get) => {
      get.send(1);
    };
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    for (let at = 0; at < 4900; at += 100) await pass(100);
    expect(read.now).toBe('pending');
    await pass(100);
    expect(read.now).toMatchObject({ code: 'ETIMEDOUT' });
    expect(source.underWay).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('of more bytes than were asked for is a failure', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    source.last.send(1001);
    await turn();
    expect(read.now).toMatchObject({ code: 'EIO' });
  });

  it('writes nothing into the target of a READ that has failed', async () => {
    const source = new DrivenSource(MIB);
    const { reader } = readerOf(source);
    const target = Buffer.alloc(1000, 0xee);
    const read = outcomeOf(Promise.resolve(reader.read(target, 0)));
    source.last.answer();
    for (let at = 0; at < 5000; at += 500) await pass(500);
    expect(read.now).toMatchObject({ code: 'ETIMEDOUT' });
    for (const get of source.gets) get.send(500);
    await turn();
    expect(target.every((byte) => byte === 0xee)).toBe(true);
  });
});

describe('a store that gives no body', () => {
  it.each(['EACCES', 'ENOENT', 'EIO'] as const)('with %s is not asked twice', async (code) => {
    const source = new DrivenSource(MIB);
    source.onGet = (get) => {
      get.refuse(new SftpError(code));
    };
    await expect(readAt(readerOf(source), 0, 1000)).rejects.toMatchObject({ code });
    expect(source.gets.length).toBe(1);
  });

  it('but was giving one is asked again, unless it says no', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const read = outcomeOf(readAt(setting, 0, 1000));
    source.last.send(10).truncate();
    await pass(100);
    source.last.refuse(new Error('connection refused'));
    await pass(200);
    expect(source.ranges.slice(1)).toEqual(['10-1000', '10-1000']);
    source.last.refuse(new SftpError('EACCES'));
    await turn();
    expect(read.now).toMatchObject({ code: 'EACCES' });
  });

  it('and is silent fails the READ with ETIMEDOUT and is let go', async () => {
    const source = new DrivenSource(MIB);
    const read = outcomeOf(readAt(readerOf(source), 0, 1000));
    await pass(4999);
    expect(read.now).toBe('pending');
    await pass(1);
    expect(read.now).toMatchObject({ code: 'ETIMEDOUT' });
    expect(source.last.signal.aborted).toBe(true);
  });

  it('fails each READ at its own time, also those that were not asked for yet', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source, { limits: { ...LIMITS, concurrency: 1 } });
    const first = outcomeOf(readAt(setting, 0, 1000));
    await pass(2000);
    const second = outcomeOf(readAt(setting, 500_000, 1000));
    await pass(3000);
    expect([first.now, second.now]).toEqual([
      expect.objectContaining({ code: 'ETIMEDOUT' }),
      'pending',
    ]);
    expect(source.ranges).toEqual(['0-1000', '500000-501000']);
    await pass(2000);
    expect(second.now).toMatchObject({ code: 'ETIMEDOUT' });
    expect(source.underWay).toEqual([]);
  });
});

describe('a range that was read ahead and fails', () => {
  it('while nobody waits for it is nobody’s concern, and a later READ has a try of its own', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const first = readAt(setting, 0, 1000);
    source.last.finish();
    await first;
    source.onGet = (get) => {
      get.refuse(new SftpError('EIO'));
    };
    const second = readAt(setting, 1000, 1000);
    await turn();
    await expect(second).rejects.toMatchObject({ code: 'EIO' });
    await turn();
    const tried = source.gets.length;
    expect(setting.memory.used).toBe(0);
    source.answerAll();
    expect(await readAt(setting, 2000, 1000)).toBe(1000);
    expect(source.ranges.slice(tried)[0]).toBe('2000-3000');
  });

  it.each([
    ['breaks', new SftpError('EIO')],
    ['was overwritten', preconditionFailed()],
  ])('because it %s costs no READ that the client does not send', async (_why, error) => {
    const source = new DrivenSource(8 * MIB).answerAll();
    const setting = readerOf(source);
    await readInOrder(setting, { to: MIB, length: 32 * KIB, inFlight: 1 });
    source.onGet = (get) => {
      get.refuse(error);
    };
    const held = Math.max(...source.gets.map(({ end }) => end));
    await readInOrder(setting, { from: MIB, to: held, length: 32 * KIB, inFlight: 1 });
    expect(source.last.start).toBeGreaterThanOrEqual(held);
    setting.reader.close();
    await turn();
    expect(setting.memory.used).toBe(0);
  });

  it('lets READs that wait for it have a try of their own, for exactly their bytes', async () => {
    const source = new DrivenSource(MIB);
    const setting = readerOf(source);
    const first = readAt(setting, 0, 1000);
    source.last.finish();
    await first;
    const reads = [readAt(setting, 1000, 1000), readAt(setting, 2000, 1000)];
    const range = source.gets[1]!;
    expect([range.start, range.end]).toEqual([1000, 3000]);
    range.refuse(new SftpError('EIO'));
    await turn();
    const own = source.gets.filter(({ start }) => start === 1000 || start === 2000).slice(1);
    expect(own.map(({ start, end }) => [start, end])).toEqual([
      [1000, 2000],
      [2000, 3000],
    ]);
    source.answerAll();
    for (const get of own) get.finish();
    expect(await Promise.all(reads)).toEqual([1000, 1000]);
  });

  it('is read on in order after its failure', async () => {
    const source = new DrivenSource(4 * MIB);
    const setting = readerOf(source);
    let count = 0;
    source.onGet = (get) => {
      count += 1;
      if (count === 4) get.refuse(new SftpError('EIO'));
      else get.finish();
    };
    await readInOrder(setting, { to: 4 * MIB, length: 32 * KIB, inFlight: 8 });
    expect(count).toBeLessThan(50);
    setting.reader.close();
    expect(setting.memory.used).toBe(0);
  });
});
