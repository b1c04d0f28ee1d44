import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Connection } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { exchange } from './exchange.js';
import { rangedGetHead } from './request-head.js';
import { closed, plain, RawServer } from './spec-support/raw-server.js';
import { rangedGet, read } from './spec-support/requests.js';

describe('a pool of two connections', () => {
  let server: RawServer;
  let pool: ConnectionPool;

  beforeEach(async () => {
    server = await RawServer.start([plain('answer')]);
    pool = poolOf(2);
  });

  afterEach(async () => {
    pool.destroy();
    await server.stop();
  });

  function poolOf(limit: number, idle = 20_000): ConnectionPool {
    const { port } = server;
    return new ConnectionPool((onread) => connect({ host: '127.0.0.1', port, onread }), limit, {
      connect: 20_000,
      silence: 20_000,
      idle,
    });
  }

  /** Sends a request, and takes its answer when the promise inside is asked for. */
  async function begin(connection: Connection): Promise<() => Promise<void>> {
    const response = (await exchange(connection, rangedGetHead(rangedGet(server.port))!))!;
    return async () => {
      expect((await read(response)).content.toString()).toBe('answer');
    };
  }

  it('gives the one again that was used last', async () => {
    const [one, two] = [await pool.take(false), await pool.take(false)];
    const [endOne, endTwo] = [await begin(one), await begin(two)];
    await endTwo();
    await endOne();
    expect(await pool.take(false)).toBe(one);
    expect(await pool.take(false)).toBe(two);
    expect(server.peers.length).toBe(2);
  });

  it('lets requests wait in line, in their order', async () => {
    const order: number[] = [];
    const ends = [await begin(await pool.take(false)), await begin(await pool.take(false))];
    const waiting = [1, 2, 3].map(async (number) => {
      const connection = await pool.take(false);
      order.push(number);
      await (
        await begin(connection)
      )();
    });
    await nextTurn();
    expect(order).toEqual([]);
    await ends[0]!();
    await Promise.all(waiting);
    await ends[1]!();
    expect(order).toEqual([1, 2, 3]);
    expect(server.peers.length).toBe(2);
  });

  it('makes another one in the place of one that is gone', async () => {
    const one = await pool.take(false);
    await begin(one);
    await begin(await pool.take(false));
    const third = pool.take(false);
    one.destroy();
    await (
      await begin(await third)
    )();
    expect(server.peers.length).toBe(3);
  });

  it('makes a fresh one for who wants it, also when those that are free take up the room', async () => {
    const ends = [await begin(await pool.take(false)), await begin(await pool.take(false))];
    for (const end of ends) await end();
    const fresh = await pool.take(true);
    expect(fresh.usedBefore).toBe(false);
    await (
      await begin(fresh)
    )();
    expect(server.peers.length).toBe(3);
  });

  it('lets one go that waits and aborts, and serves those behind', async () => {
    const ends = [await begin(await pool.take(false)), await begin(await pool.take(false))];
    const abort = new AbortController();
    const aborted = pool.take(false, abort.signal);
    const behind = pool.take(false);
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await ends[0]!();
    await (
      await begin(await behind)
    )();
  });

  it('keeps no process alive with those that nobody uses', async () => {
    const end = await begin(await pool.take(false));
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    await end();
    expect(sockets()).toBe(before - 1);
    await begin(await pool.take(false));
    expect(sockets()).toBe(before);
  });

  it('closes those that nobody uses for a while', async () => {
    pool = poolOf(1, 50);
    await (
      await begin(await pool.take(false))
    )();
    await closed(server.peers[0]);
  });

  it('closes all when it is destroyed, and refuses who waits', async () => {
    await (
      await begin(await pool.take(false))
    )();
    const busy = await begin(await pool.take(false));
    const other = await begin(await pool.take(false));
    const waits = pool.take(false);
    pool.destroy();
    await expect(waits).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(busy()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(other()).rejects.toMatchObject({ code: 'ECONNRESET' });
    for (const peer of server.peers) await closed(peer);
  });
});
