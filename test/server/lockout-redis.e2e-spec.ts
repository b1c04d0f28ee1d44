import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { LockoutRules } from 'nestjs-sftpd';
import { RedisLockoutStore } from 'nestjs-sftpd/redis';

import { type RawServer, startRawServer } from '../support/raw-server.js';
import { within } from '../support/raw-transport.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { serveOne, tryLogIn } from './support/log-in.js';
import { Refusals } from './support/refusals.js';

const RULES: LockoutRules = {
  maxFailures: 3,
  failureWindow: 60_000,
  lockTime: 10_000,
  maxLockTime: 30_000,
};

let redis: RedisServer;
let clients: Redis[];

beforeAll(async () => {
  redis = await RedisServer.start();
});
beforeEach(() => {
  clients = [];
});
afterEach(() => {
  for (const client of clients) client.disconnect();
});
afterAll(() => redis.stop());

function connect(): Redis {
  const client = new Redis({ path: redis.path, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

describe('RedisLockoutStore', () => {
  let client: Redis;
  let store: RedisLockoutStore;

  beforeEach(async () => {
    client = connect();
    await client.flushall();
    store = new RedisLockoutStore(client);
  });

  async function failTimes(times: number, address = 'a'): Promise<number[]> {
    const outcomes = [];
    for (let n = 0; n < times; n++) outcomes.push(await store.fail(address, RULES));
    return outcomes;
  }

  it('locks an address out, and no other one', async () => {
    expect(await failTimes(3)).toEqual([0, 0, 10_000]);
    const left = await store.lockedFor('a');
    expect(left).toBeGreaterThan(5000);
    expect(left).toBeLessThanOrEqual(10_000);
    expect(await store.lockedFor('b')).toBe(0);
    const again = await store.fail('a', RULES);
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(left);
  });

  it('doubles the time with each lockout, up to the longest', async () => {
    const key = 'nestjs-sftpd:lockout:a';
    const times = [];
    for (let n = 0; n < 4; n++) {
      times.push((await failTimes(3)).at(-1));
      await client.hset(key, 'until', 0);
    }
    expect(times).toEqual([10_000, 20_000, 30_000, 30_000]);
  });

  it('forgets failures older than the window', async () => {
    await failTimes(2);
    const since = Number(await client.hget('nestjs-sftpd:lockout:a', 'since'));
    await client.hset('nestjs-sftpd:lockout:a', 'since', since - 60_000);
    expect(await failTimes(3)).toEqual([0, 0, 10_000]);
  });

  it('takes failures back, none that are not there, and ends no lockout', async () => {
    await failTimes(2);
    await store.forgive('a', 1);
    expect(await failTimes(2)).toEqual([0, 10_000]);
    await store.forgive('a', 9);
    expect(await store.lockedFor('a')).toBeGreaterThan(0);
    await store.forgive('b', 1);
    expect(await client.exists('nestjs-sftpd:lockout:b')).toBe(0);
  });

  it('leaves nothing without an end', async () => {
    await failTimes(1, 'few');
    await failTimes(3, 'many');
    const few = await client.pttl('nestjs-sftpd:lockout:few');
    const many = await client.pttl('nestjs-sftpd:lockout:many');
    expect(few).toBeGreaterThan(50_000);
    expect(few).toBeLessThanOrEqual(60_000);
    expect(many).toBeGreaterThan(60_000);
    expect(many).toBeLessThanOrEqual(70_000);
    await store.forgive('few', 1);
    expect(await client.pttl('nestjs-sftpd:lockout:few')).toBeGreaterThan(0);
  });

  it('counts exactly when several processes count at once', async () => {
    const others = Array.from({ length: 4 }, () => new RedisLockoutStore(connect()));
    const rules = { ...RULES, maxFailures: 100 };
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, n) => others[n % 4]!.fail('a', rules)),
    );
    expect(outcomes.filter((locked) => locked > 0)).toEqual([10_000]);
  });

  it('keeps its keys apart by their prefix', async () => {
    const other = new RedisLockoutStore(client, { keyPrefix: 'x:' });
    await failTimes(3);
    expect(await other.lockedFor('a')).toBe(0);
    await other.fail('2001:db8::/64', RULES);
    expect(await client.keys('x:*')).toEqual(['x:2001:db8::/64']);
  });

  it('rejects when Redis answers something else', async () => {
    const odd = new RedisLockoutStore({ eval: async () => ['?'] });
    await expect(odd.lockedFor('a')).rejects.toThrow(TypeError);
    const text = new RedisLockoutStore({ eval: async () => '7' });
    expect(await text.lockedFor('a')).toBe(7);
  });
});

describe('two servers that share a Redis', () => {
  let servers: RawServer[];
  let refusals: Refusals[];

  beforeEach(async () => {
    await connect().flushall();
    servers = [];
    for (let n = 0; n < 2; n++) {
      const store = new RedisLockoutStore(connect());
      servers.push(await startRawServer({ options: { lockout: { ...RULES, store } } }));
    }
    refusals = servers.map(({ events }) => new Refusals(events));
  });
  afterEach(() => Promise.all(servers.map((server) => server.stop())));

  const wrong = (n: number): Promise<string> =>
    tryLogIn({ port: servers[n]!.port, password: 'wrong', localAddress: '127.0.0.9' });
  const right = (n: number): Promise<string> =>
    tryLogIn({ port: servers[n]!.port, password: 'dev', localAddress: '127.0.0.9' });
  /** Waits until a server has refused the address: a failure is counted when its client has gone already. */
  const untilLocked = async (n: number): Promise<void> => {
    const come = (async () => {
      while ((await right(n)) === 'logged in');
    })();
    await within(come, `a lockout at server ${n}`);
    expect(new Set(refusals[n]!.reasons)).toEqual(new Set(['lockout']));
  };
  // Nest has one logger for a process: what both servers log is in the log of the one that came last.
  const logged = (part: string): string[] =>
    servers[1]!.log.filter(({ text }) => text.includes(part)).map(({ text }) => text);
  const OUTAGE = 'option lockout.store) does not work';
  const BACK = 'option lockout.store) answers again';
  /** Logs in at both until both have found that Redis is back. */
  const untilBack = async (): Promise<void> => {
    const come = (async () => {
      while (logged(BACK).length < 2) for (const { port } of servers) await serveOne(port);
    })();
    await within(come, 'both servers to go back to Redis');
  };

  it('count together, and lock out together', async () => {
    await wrong(0);
    await wrong(1);
    expect(await right(1)).toBe('logged in');
    await wrong(0);
    await untilLocked(0);
    await untilLocked(1);
    expect(logged(OUTAGE)).toEqual([]);
    await serveOne(servers[1]!.port);
  });

  it.each([
    ['killed', () => redis.kill(), () => redis.start()],
    ['frozen', async () => redis.freeze(), async () => redis.thaw()],
  ])(
    'Redis is %s: each counts by itself, logs it once, and goes back',
    async (_title, end, begin) => {
      await wrong(0);
      await end();
      try {
        await serveOne(servers[0]!.port);
        await serveOne(servers[0]!.port);
        await wrong(0);
        await wrong(0);
        await untilLocked(0);
        expect(logged(OUTAGE)).toHaveLength(1);
        expect(await right(1)).toBe('logged in');
        expect(logged(OUTAGE)).toHaveLength(2);
      } finally {
        await begin();
      }
      await untilBack();
      expect(await right(0)).not.toBe('logged in');
      expect(logged(OUTAGE)).toHaveLength(2);
      for (const n of [1, 1, 1]) await wrong(n);
      await untilLocked(1);
      const client = connect();
      expect(await client.exists('nestjs-sftpd:lockout:127.0.0.9')).toBe(1);
    },
  );
});
