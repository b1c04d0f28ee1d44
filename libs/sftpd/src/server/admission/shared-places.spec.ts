import { beforeEach, describe, expect, it } from '@jest/globals';

import type { Log } from '../../events/log.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { MemoryPlacesStore } from './memory-places-store.js';
import type { PlaceLimits } from './places.js';
import type { CountLimit, FullCount, PlacesStore } from './places-store.js';
import { SharedPlaces } from './shared-places.js';

const ROOMY: PlaceLimits = {
  maxSessions: 1000,
  maxSessionsPerAddress: 1000,
  maxSessionsPerUser: 1000,
  maxPendingLogins: 1000,
};

const ADDRESS = '192.0.2.1';

/** A store that can be switched off, or made to answer when it is told to. */
class Shaky implements PlacesStore {
  readonly inner = new MemoryPlacesStore();
  mode: 'up' | 'down' | 'hanging' | 'nonsense' | 'slow' = 'up';
  asked = 0;
  readonly #slow: (() => void)[] = [];

  take(holder: string, counts: readonly CountLimit[]): MaybePromise<FullCount | undefined> {
    return this.#answer(() => this.inner.take(holder, counts));
  }

  giveBack(holder: string, names?: readonly string[]): MaybePromise<void> {
    if (this.mode === 'nonsense') return undefined;
    return this.#answer(() => this.inner.giveBack(holder, names));
  }

  /** Does what it was asked while it was slow. */
  catchUp(): void {
    for (const call of this.#slow.splice(0)) call();
  }

  #answer<T>(call: () => T): MaybePromise<T> {
    this.asked++;
    switch (this.mode) {
      case 'up':
        return Promise.resolve(call());
      case 'down':
        throw new Error('connection refused');
      case 'hanging':
        return new Promise(() => undefined);
      case 'nonsense':
        return { name: 'something else', count: 3 } as T;
      case 'slow':
        return new Promise((resolve) => {
          this.#slow.push(() => resolve(call()));
        });
    }
  }
}

let store: Shaky;
let lines: string[];

beforeEach(() => {
  store = new Shaky();
  lines = [];
});

function server(limits: Partial<PlaceLimits>, pause = 0): SharedPlaces {
  const note = (line: string): unknown => lines.push(line);
  const log: Pick<Log, 'log' | 'error'> = { log: note, error: note };
  return new SharedPlaces({ ...ROOMY, ...limits }, store, { log, timeLimit: 50, pause });
}

/** Waits until something is so; each look lets others run. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise(setImmediate);
}

describe('places that servers share', () => {
  it.each([
    ['maxSessions', { maxSessions: 2 }],
    ['maxSessionsPerAddress', { maxSessionsPerAddress: 2 }],
    // Of those that have not logged in, half may come from one address.
    ['maxPendingLogins', { maxPendingLogins: 4 }],
  ])('hold %s for all of them together', async (reason, limits) => {
    const [one, two] = [server(limits), server(limits)];
    const first = one.take();
    expect(await first.comesFrom(ADDRESS)).toBeUndefined();
    expect(await two.take().comesFrom(ADDRESS)).toBeUndefined();
    const third = two.take();
    expect((await third.comesFrom(ADDRESS))?.reason).toBe(reason);
    third.leave();
    first.leave();
    await until(() => store.inner.size === 1);
    expect(await two.take().comesFrom(ADDRESS)).toBeUndefined();
  });

  it('hold maxSessionsPerUser, and the limit of a user of his own', async () => {
    const [one, two] = [server({ maxSessionsPerUser: 1 }), server({ maxSessionsPerUser: 1 })];
    const first = one.take();
    expect(await first.admitUser('anna')).toBeUndefined();
    expect(await two.take().admitUser('anna')).toEqual({
      reason: 'maxSessionsPerUser',
      detail: '1 sessions of this user are open (option maxSessionsPerUser)',
    });
    expect(await two.take().admitUser('anna', 2)).toBeUndefined();
    expect(await two.take().admitUser('bob')).toBeUndefined();
    // Another user on the same connection takes the place of the first.
    expect(await first.admitUser('carl')).toBeUndefined();
    await until(() => store.inner.of('user anna') === 1);
    expect(store.inner.of('user carl')).toBe(1);
  });

  it('count who has logged in as pending no more', async () => {
    const [one, two] = [server({ maxPendingLogins: 1 }), server({ maxPendingLogins: 1 })];
    const first = one.take();
    await first.comesFrom(ADDRESS);
    expect((await two.take().comesFrom(ADDRESS))?.reason).toBe('maxPendingLogins');
    first.loggedIn();
    await until(() => store.inner.of('pending') === 0);
    expect(store.inner.of('sessions')).toBe(1);
    expect(await server({ maxPendingLogins: 1 }).take().comesFrom(ADDRESS)).toBeUndefined();
  });

  it('are refused by the own count without a question', async () => {
    const one = server({ maxSessions: 1, maxSessionsPerUser: 0 });
    expect(one.shortage()).toBeUndefined();
    const first = one.take();
    expect(one.shortage()?.reason).toBe('maxSessions');
    expect((await first.admitUser('anna'))?.reason).toBe('maxSessionsPerUser');
    expect(store.asked).toBe(0);
  });

  it('that were left while the store was asked are given back', async () => {
    store.mode = 'slow';
    const place = server({}).take();
    const asked = place.comesFrom(ADDRESS);
    await until(() => store.asked === 1);
    place.leave();
    await until(() => store.asked === 2);
    store.mode = 'up';
    store.catchUp();
    await asked;
    await until(() => store.inner.size === 0);
  });

  it('that were taken when nobody waited any more are given back', async () => {
    store.mode = 'slow';
    const place = server({}).take();
    // Nobody waits for longer than the time limit.
    expect(await place.comesFrom(ADDRESS)).toBeUndefined();
    expect(lines).toHaveLength(1);
    place.leave();
    store.mode = 'up';
    store.catchUp();
    await until(() => lines.length === 2);
    await until(() => store.inner.size === 0);
  });
});

describe('a store of places', () => {
  it.each(['down', 'hanging', 'nonsense'] as const)(
    'that is %s leaves each server to its own count, and is logged once',
    async (mode) => {
      store.mode = mode;
      const limits = { maxSessionsPerAddress: 2, maxSessionsPerUser: 1 };
      const [one, two] = [server(limits, 60_000), server(limits, 60_000)];
      for (const places of [one, two]) {
        const first = places.take();
        expect(await first.comesFrom(ADDRESS)).toBeUndefined();
        expect(await first.admitUser('anna')).toBeUndefined();
        const second = places.take();
        expect(await second.comesFrom(ADDRESS)).toBeUndefined();
        expect((await second.admitUser('anna'))?.reason).toBe('maxSessionsPerUser');
        expect((await places.take().comesFrom(ADDRESS))?.reason).toBe('maxSessionsPerAddress');
      }
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain('option placesStore');
    },
  );

  it('gets back what is owed when it answers again, and then counts', async () => {
    const one = server({ maxSessions: 2 });
    const [first, second] = [one.take(), one.take()];
    await first.comesFrom(ADDRESS);
    await second.comesFrom(ADDRESS);
    store.mode = 'down';
    first.leave();
    second.loggedIn();
    await until(() => lines.length === 1);
    expect(store.inner.of('sessions')).toBe(2);
    store.mode = 'up';
    await until(() => store.inner.of('sessions') === 1 && store.inner.of('pending') === 0);
    expect(lines[1]).toBe('The store of places (option placesStore) answers again');
    expect(await server({ maxSessions: 2 }).take().comesFrom(ADDRESS)).toBeUndefined();
    expect((await server({ maxSessions: 2 }).take().comesFrom(ADDRESS))?.reason).toBe(
      'maxSessions',
    );
  });
});

describe('MemoryPlacesStore', () => {
  it('takes all or nothing, and no count twice for one connection', () => {
    const { inner } = store;
    const counts = [
      { name: 'a', limit: 2 },
      { name: 'b', limit: 1 },
    ];
    expect(inner.take('1', counts)).toBeUndefined();
    expect(inner.take('1', counts)).toBeUndefined();
    expect(inner.take('2', counts)).toEqual({ name: 'b', count: 1 });
    expect([inner.of('a'), inner.of('b'), inner.size]).toEqual([1, 1, 1]);
    inner.giveBack('1', ['b', 'c']);
    inner.giveBack('2');
    expect(inner.take('2', counts)).toBeUndefined();
    expect([inner.of('a'), inner.of('b'), inner.size]).toEqual([2, 1, 2]);
  });

  it('gives back all that a server held which is gone', () => {
    const { inner } = store;
    for (const holder of ['1/a', '1/b', '2/a']) inner.take(holder, [{ name: 'x', limit: 3 }]);
    inner.giveBackAll('1/');
    expect([inner.of('x'), inner.size]).toEqual([1, 1]);
  });
});
