import { describe, expect, it } from '@jest/globals';

import { HashLimit, TooManyHashesError } from './hash-limit.js';

/** Some work that ends when it is told to. */
class Work {
  readonly started: string[] = [];
  readonly #ends = new Map<string, () => void>();

  run(name: string): () => Promise<string> {
    return () => {
      this.started.push(name);
      return new Promise((resolve) => this.#ends.set(name, () => resolve(name)));
    };
  }

  end(name: string): void {
    this.#ends.get(name)?.();
  }
}

describe('HashLimit', () => {
  it('runs so much at once, and the rest in order as places become free', async () => {
    const work = new Work();
    const limit = new HashLimit({ maxConcurrentHashes: 2, maxWaitingHashes: 2 });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => limit.run(work.run(name)));
    expect(work.started).toEqual(['a', 'b']);
    work.end('b');
    expect(await b).toBe('b');
    expect(work.started).toEqual(['a', 'b', 'c']);
    work.end('a');
    expect(await a).toBe('a');
    expect(work.started).toEqual(['a', 'b', 'c', 'd']);
    work.end('d');
    work.end('c');
    expect(await Promise.all([c, d])).toEqual(['c', 'd']);
  });

  it('refuses at once what can neither run nor wait', async () => {
    const work = new Work();
    const limit = new HashLimit({ maxConcurrentHashes: 1, maxWaitingHashes: 1 });
    const running = limit.run(work.run('running'));
    const waiting = limit.run(work.run('waiting'));
    await expect(limit.run(work.run('refused'))).rejects.toThrow(TooManyHashesError);
    work.end('running');
    await running;
    // There is room again for one that waits.
    const next = limit.run(work.run('next'));
    work.end('waiting');
    await waiting;
    work.end('next');
    expect(await next).toBe('next');
    expect(work.started).toEqual(['running', 'waiting', 'next']);
  });

  it('gives the place free of work that fails', async () => {
    const limit = new HashLimit({ maxConcurrentHashes: 1, maxWaitingHashes: 1 });
    const failing = limit.run(() => Promise.reject(new Error('out of luck')));
    const waiting = limit.run(() => Promise.resolve('its turn'));
    await expect(failing).rejects.toThrow('out of luck');
    expect(await waiting).toBe('its turn');
    expect(await limit.run(() => Promise.resolve('free'))).toBe('free');
  });

  it('never lets a newcomer pass by one that waits', async () => {
    const work = new Work();
    const limit = new HashLimit({ maxConcurrentHashes: 1, maxWaitingHashes: 10 });
    const first = limit.run(work.run('first'));
    const second = limit.run(work.run('second'));
    // It comes in the very moment in which the place becomes free.
    const third = first.then(() => limit.run(work.run('third')));
    work.end('first');
    await first;
    work.end('second');
    await second;
    expect(work.started.slice(0, 2)).toEqual(['first', 'second']);
    await new Promise(setImmediate);
    expect(work.started).toEqual(['first', 'second', 'third']);
    work.end('third');
    await third;
  });

  it.each([
    [{ maxConcurrentHashes: 0 }, 'maxConcurrentHashes'],
    [{ maxConcurrentHashes: 1.5 }, 'maxConcurrentHashes'],
    [{ maxWaitingHashes: -1 }, 'maxWaitingHashes'],
    [{ maxWaitingHashes: NaN }, 'maxWaitingHashes'],
  ])('cannot work with %j', (options, name) => {
    expect(() => new HashLimit(options)).toThrow(`${name} must be a whole number`);
  });
});
