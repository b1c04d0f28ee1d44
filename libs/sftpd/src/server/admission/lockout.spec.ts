import { beforeEach, describe, expect, it } from '@jest/globals';

import type { Log } from '../../events/log.js';
import { FailoverLockoutStore } from './failover-lockout-store.js';
import { Lockout } from './lockout.js';
import type { LockoutRules, LockoutStore } from './lockout-store.js';
import { LogInFailures } from './log-in-failures.js';
import { MemoryLockoutStore } from './memory-lockout-store.js';

const RULES: LockoutRules = {
  maxFailures: 3,
  failureWindow: 10_000,
  lockTime: 1000,
  maxLockTime: 3000,
};

function silentLog(lines: string[] = []): Log {
  const note = (line: string): void => void lines.push(line);
  return { debug: note, log: note, warn: note, error: note };
}

describe('MemoryLockoutStore', () => {
  let now: number;
  let store: MemoryLockoutStore;
  const fail = (times: number, address = 'a'): number[] =>
    Array.from({ length: times }, () => store.fail(address, RULES));

  beforeEach(() => {
    now = 50_000;
    store = new MemoryLockoutStore(100, () => now);
  });

  it('locks an address out at the last failure that is allowed, and no other one', () => {
    expect(fail(3)).toEqual([0, 0, 1000]);
    expect(store.lockedFor('a')).toBe(1000);
    expect(store.lockedFor('b')).toBe(0);
    now += 400;
    expect(store.lockedFor('a')).toBe(600);
    now += 600;
    expect(store.lockedFor('a')).toBe(0);
  });

  it('does not count, and does not prolong, while the address is locked out', () => {
    fail(3);
    now += 999;
    expect(fail(5)).toEqual([1, 1, 1, 1, 1]);
    now += 1;
    expect(fail(2)).toEqual([0, 0]);
  });

  it('doubles the time with each lockout, up to the longest', () => {
    const times = [];
    for (let n = 0; n < 5; n++) {
      const locked = fail(3).at(-1) ?? 0;
      times.push(locked);
      now += locked;
    }
    expect(times).toEqual([1000, 2000, 3000, 3000, 3000]);
  });

  it('begins anew after a quiet time', () => {
    fail(3);
    now += 1000;
    fail(3);
    now += 2000 + 10_000;
    expect(fail(3)).toEqual([0, 0, 1000]);
  });

  it('forgets failures that are older than the window', () => {
    fail(2);
    now += 10_000;
    expect(fail(2)).toEqual([0, 0]);
    now += 9999;
    expect(fail(1)).toEqual([1000]);
  });

  it('takes failures back, and ends no lockout with that', () => {
    fail(2);
    store.forgive('a', 1);
    expect(fail(2)).toEqual([0, 1000]);
    store.forgive('a', 100);
    expect(store.lockedFor('a')).toBe(1000);
    store.forgive('nobody', 1);
    expect(store.size).toBe(1);
  });

  it('keeps so many addresses; the one that failed longest ago goes first', () => {
    for (let n = 0; n < 100; n++) fail(2, `host ${n}`);
    fail(1, 'host 0');
    for (let n = 0; n < 50; n++) fail(1, `other ${n}`);
    expect(store.size).toBe(100);
    expect(store.lockedFor('host 0')).toBe(1000);
    expect(fail(1, 'host 1')).toEqual([0]);
    expect(fail(1, 'host 99')).toEqual([1000]);
  });

  it('lets go of those whose time is over, as others come', () => {
    for (let n = 0; n < 60; n++) fail(1, `host ${n}`);
    now += 10_000;
    for (let n = 0; n < 30; n++) fail(1, `other ${n}`);
    expect(store.size).toBe(30);
  });
});

describe('LogInFailures', () => {
  let store: MemoryLockoutStore;
  let lockout: Lockout;
  const connection = (address = '192.0.2.1'): LogInFailures => new LogInFailures(lockout, address);

  beforeEach(() => {
    store = new MemoryLockoutStore();
    lockout = new Lockout({ ...RULES, store, exempt: ['198.51.100.0/24'] }, silentLog());
  });

  it('counts each wrong password and answer, across connections', async () => {
    const first = connection();
    expect(await first.failed('anna', 'password')).toBe(0);
    expect(await first.failed('bob', 'keyboard-interactive')).toBe(0);
    await first.ended();
    expect(await connection().failed('anna', 'password')).toBeGreaterThan(0);
    expect(await lockout.lockedFor('192.0.2.1')).toBeGreaterThan(0);
  });

  it('a client with many keys that logs in in the end is no attacker', async () => {
    for (let n = 0; n < 20; n++) {
      const client = connection();
      for (let key = 0; key < 5; key++) await client.failed('anna', 'publickey');
      await client.loggedIn('anna');
      await client.ended();
    }
    expect(store.size).toBe(0);
  });

  it('keys that open nothing are one failure of their connection', async () => {
    const outcomes = [];
    for (let n = 0; n < 3; n++) {
      const client = connection();
      for (let key = 0; key < 5; key++) await client.failed('anna', 'publickey');
      outcomes.push(await client.ended());
    }
    expect(outcomes).toEqual([0, 0, expect.any(Number)]);
    expect(outcomes[2]).toBeGreaterThan(0);
  });

  it('what is no attempt counts nothing', async () => {
    const client = connection();
    for (const method of ['none', 'hostbased', 'none', 'x']) await client.failed('anna', method);
    expect(await client.ended()).toBe(0);
    expect(store.size).toBe(0);
  });

  it('a user who mistypes and then logs in takes that back', async () => {
    for (let n = 0; n < 5; n++) {
      const client = connection();
      await client.failed('anna', 'password');
      await client.failed('anna', 'password');
      await client.loggedIn('anna');
    }
    expect(await lockout.lockedFor('192.0.2.1')).toBe(0);
  });

  it('an attacker with an account of its own takes nothing back of what it guessed at others', async () => {
    const outcomes = [];
    for (let n = 0; n < 3; n++) {
      const client = connection();
      outcomes.push(await client.failed('victim', 'password'));
      await client.loggedIn('attacker');
    }
    expect(outcomes[2]).toBeGreaterThan(0);
  });

  it('a /64 of IPv6 counts as one', async () => {
    for (const end of ['1', '2', 'ffff:ffff']) {
      await connection(`2001:db8:0:1::${end}`).failed('anna', 'password');
    }
    expect(await lockout.lockedFor('2001:db8:0:1:aaaa::')).toBeGreaterThan(0);
    expect(await lockout.lockedFor('2001:db8:0:2::1')).toBe(0);
  });

  it('an exempt address is never locked out', async () => {
    for (let n = 0; n < 10; n++) {
      expect(await connection('198.51.100.7').failed('anna', 'password')).toBe(0);
    }
    expect(await lockout.lockedFor('198.51.100.7')).toBe(0);
    expect(store.size).toBe(0);
  });
});

describe('FailoverLockoutStore', () => {
  const down = new Error('connection refused');

  /** A store that can be switched off, or made to hang. */
  class Shaky implements LockoutStore {
    readonly inner = new MemoryLockoutStore();
    mode: 'up' | 'down' | 'hanging' | 'nonsense' = 'up';
    asked = 0;

    fail(address: string, rules: LockoutRules): Promise<number> {
      return this.#answer(() => this.inner.fail(address, rules));
    }
    lockedFor(address: string): Promise<number> {
      return this.#answer(() => this.inner.lockedFor(address));
    }
    async forgive(address: string, failures: number): Promise<void> {
      await this.#answer(() => {
        this.inner.forgive(address, failures);
        return 0;
      });
    }

    async #answer(call: () => number): Promise<number> {
      this.asked++;
      switch (this.mode) {
        case 'up':
          return call();
        case 'down':
          throw down;
        case 'hanging':
          return new Promise(() => undefined);
        case 'nonsense':
          return 'soon' as unknown as number;
      }
    }
  }

  let shaky: Shaky;
  let lines: string[];
  const failover = (pause = 0): FailoverLockoutStore =>
    new FailoverLockoutStore(shaky, { log: silentLog(lines), timeLimit: 50, pause });

  beforeEach(() => {
    shaky = new Shaky();
    lines = [];
  });

  it('asks the store', async () => {
    const store = failover();
    await shaky.fail('a', RULES);
    await store.fail('a', RULES);
    expect(await store.fail('a', RULES)).toBeGreaterThan(0);
    expect(await store.lockedFor('a')).toBeGreaterThan(0);
    expect(lines).toEqual([]);
  });

  it.each(['down', 'hanging', 'nonsense'] as const)(
    'counts in memory while the store is %s, and logs the outage once',
    async (mode) => {
      shaky.mode = mode;
      const store = failover();
      const times = [];
      for (let n = 0; n < 3; n++) times.push(await store.fail('a', RULES));
      expect(times[2]).toBeGreaterThan(0);
      expect(await store.lockedFor('a')).toBeGreaterThan(0);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('option lockout.store');
    },
  );

  it.each(['down', 'hanging'] as const)(
    'forgives without a rejection while the store is %s',
    async (mode) => {
      shaky.mode = mode;
      const store = failover();
      await store.fail('a', RULES);
      await store.forgive('a', 1);
      await store.fail('a', RULES);
      expect(await store.fail('a', RULES)).toBe(0);
    },
  );

  it('knows in an outage what it has seen before it', async () => {
    const store = failover();
    await store.fail('a', RULES);
    await store.fail('a', RULES);
    for (let n = 0; n < 3; n++) await shaky.fail('b', RULES);
    expect(await store.lockedFor('b')).toBeGreaterThan(0);
    shaky.mode = 'down';
    expect(await store.fail('a', RULES)).toBeGreaterThan(0);
    expect(await store.lockedFor('b')).toBeGreaterThan(0);
  });

  it('a store that comes back empty frees nobody who was locked out here', async () => {
    const store = failover();
    for (let n = 0; n < 3; n++) await store.fail('a', RULES);
    shaky = Object.assign(shaky, { inner: new MemoryLockoutStore() });
    expect(await store.lockedFor('a')).toBeGreaterThan(0);
  });

  it('leaves a store that failed alone for a while, and says when it is back', async () => {
    const store = failover(60_000);
    shaky.mode = 'down';
    await store.lockedFor('a');
    for (let n = 0; n < 10; n++) await store.lockedFor('a');
    expect(shaky.asked).toBe(1);
    const eager = failover();
    await eager.lockedFor('a');
    shaky.mode = 'up';
    await eager.lockedFor('a');
    expect(lines.at(-1)).toContain('answers again');
    shaky.mode = 'down';
    await eager.lockedFor('a');
    expect(lines).toHaveLength(4);
  });
});
