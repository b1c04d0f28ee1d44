import { describe, expect, it } from '@jest/globals';

import type { MaybePromise } from '../filesystem/maybe-promise.js';
import { ByteBudget } from './byte-budget.js';
import {
  type ChannelOptions,
  deferred,
  fileOf,
  open,
  openChannel,
  readRequest,
  type Setup,
  statRequest,
  turns,
  writeRequest,
} from './spec-support/channel.js';

const KIB = 1024;
const PIECE = 32 * KIB;
/** A READ of a piece while it is being served: its packet, what it costs besides, and its content. */
const READ_COST = 4096 + 25 + PIECE;
const FILE = { type: 'regular', size: 0 } as const;

function ids(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

interface Reader extends Setup {
  readonly handle: Buffer;
  readonly reads: () => number;
}

/** A channel with a file open that never ends. */
async function reader(
  budget: ByteBudget,
  answer: (target: Uint8Array) => MaybePromise<number> = (target) => target.length,
  options: ChannelOptions = {},
): Promise<Reader> {
  let count = 0;
  const setup = openChannel(
    { openFile: () => fileOf({ read: (target) => (++count, answer(target)) }) },
    { budget, ...options },
  );
  const handle = await open(setup.client, 1, '/f');
  return { ...setup, handle, reads: () => count };
}

function askFor(count: number, { client, handle }: Reader): void {
  client.send(...ids(100, count).map((id) => readRequest(id, handle, PIECE)));
}

describe('channels that share a budget', () => {
  it('eight that are not read from hold what the budget allows, and one request each', async () => {
    const server = new ByteBudget(2 ** 30);
    const connection = new ByteBudget(512 * KIB, server);
    const channels = await Promise.all(ids(0, 8).map(() => reader(connection)));
    for (const each of channels) {
      each.client.stopReading();
      askFor(200, each);
    }
    await turns();
    expect(connection.used).toBeGreaterThanOrEqual(512 * KIB);
    expect(connection.used).toBeLessThan(512 * KIB + 8 * READ_COST + 8 * 200 * 25);
    expect(server.used).toBe(connection.used);
    for (const each of channels) expect(each.reads()).toBeGreaterThan(0);

    for (const each of channels) each.client.startReading();
    await Promise.all(channels.map(({ client }) => client.until(() => client.ids.length === 201)));
    await turns();
    expect(server.used).toBe(0);
  });

  it('one goes on, request by request, while others have used up everything', async () => {
    const server = new ByteBudget(512 * KIB);
    const stuck = await Promise.all(ids(0, 4).map(() => reader(new ByteBudget(512 * KIB, server))));
    for (const each of stuck) {
      each.client.stopReading();
      askFor(200, each);
    }
    await turns();
    expect(server.used).toBeGreaterThanOrEqual(512 * KIB);
    const free = await reader(new ByteBudget(512 * KIB, server));
    askFor(100, free);
    await free.client.until(() => free.client.ids.length === 101);
    expect(free.client.ids.slice(1)).toEqual(ids(100, 100));
  });

  it('takes exactly one request when there is no room, and the next when that is over', async () => {
    const server = new ByteBudget(1);
    server.add(1);
    const gates = ids(0, 3).map(() => deferred<typeof FILE>());
    let calls = 0;
    const { client } = openChannel({ fileInfo: () => gates[calls++]!.promise }, { budget: server });
    client.send(statRequest(1), statRequest(2), statRequest(3));
    for (const [index, gate] of gates.entries()) {
      await turns();
      expect(calls).toBe(index + 1);
      gate.resolve(FILE);
    }
    await client.until(() => client.ids.length === 3);
    await turns();
    expect(server.used).toBe(1);
  });

  it('goes on when another one has given back, although nothing of its own has happened', async () => {
    const server = new ByteBudget(512 * KIB);
    const gate = deferred();
    const waiting = await reader(server, (target) => gate.promise.then(() => target.length));
    const hog = await reader(server, undefined, { limits: { maxBufferedBytes: 2 ** 20 } });
    hog.client.stopReading();
    askFor(100, hog);
    await turns();
    askFor(5, waiting);
    await turns();
    expect(waiting.reads()).toBe(1);
    hog.channel.peerGone();
    await turns();
    expect(waiting.reads()).toBe(5);
    gate.resolve(undefined);
    await waiting.client.until(() => waiting.client.ids.length === 6);
  });

  it('counts what has come and is not taken in, and what a packet that has begun will need', async () => {
    const server = new ByteBudget(2 ** 30);
    const gate = deferred();
    const { channel, client } = openChannel(
      { openFile: () => fileOf({ write: () => gate.promise }) },
      { budget: server, limits: { maxRequestsInFlight: 1 } },
    );
    const handle = await open(client, 1, '/f');
    await turns();
    expect(server.used).toBe(0);
    const packet = writeRequest(2, handle, Buffer.alloc(200_000));
    client.send(packet.subarray(0, 10));
    await turns();
    expect(server.used).toBe(packet.length - 4);
    client.send(packet.subarray(10), packet);
    await turns();
    channel.resume();
    // One is being served, the other one waits.
    expect(server.used).toBe(4096 + packet.length - 4 + packet.length);
    gate.resolve(undefined);
    await client.until(() => client.ids.length === 3);
    await turns();
    expect(server.used).toBe(0);
  });

  it.each([
    [
      'the client is gone',
      ({ channel }: Setup) => {
        channel.peerGone();
      },
    ],
    [
      'the server ends it',
      ({ channel }: Setup) => {
        channel.terminate('test');
        channel.peerGone();
      },
    ],
    [
      'it sends what is no packet',
      ({ channel, client }: Setup) => {
        client.startReading();
        client.send(Buffer.alloc(4));
        channel.resume();
      },
    ],
    [
      'it leaves',
      ({ client }: Setup) => {
        client.startReading();
        client.sendEof();
      },
    ],
  ])('a channel gives back all it has held when %s', async (_what, end) => {
    const server = new ByteBudget(256 * KIB);
    const gate = deferred();
    const each = await reader(server, (target) => gate.promise.then(() => target.length));
    each.client.stopReading();
    askFor(60, each);
    await turns();
    expect(server.used).toBeGreaterThan(200 * KIB);
    end(each);
    gate.resolve(undefined);
    await turns();
    each.client.sendEof();
    await each.channel.closed;
    await turns();
    expect(server.used).toBe(0);
  });
});
