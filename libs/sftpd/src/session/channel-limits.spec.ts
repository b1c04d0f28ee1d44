import { describe, expect, it } from '@jest/globals';

import { PacketType, StatusCode } from '../protocol/constants.js';
import { limitsOfSession, ownLimit } from './channel-limits.js';
import {
  closeRequest,
  deferred,
  fileOf,
  LIMITS,
  open,
  openChannel,
  openRequest,
  readRequest,
  request,
  statRequest,
  turns,
  writeRequest,
} from './spec-support/channel.js';

const FILE = { type: 'regular', size: 0 } as const;
const DIRECTORY = { type: 'directory', size: 0 } as const;

function ids(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** A request whose packet has exactly so many bytes, behind the field of its length. */
function statOfLength(id: number, length: number): Buffer {
  const packet = Buffer.alloc(4 + length);
  statRequest(id).copy(packet);
  packet.writeUInt32BE(length);
  return packet;
}

describe('maxPacketBytes', () => {
  it.each([34_000, 262_144, 1_048_576])('takes a packet of %i bytes', async (maxPacketBytes) => {
    const { client } = openChannel({ fileInfo: () => FILE }, { limits: { maxPacketBytes } });
    client.send(statOfLength(1, maxPacketBytes), statRequest(2));
    await client.until(() => client.ids.length === 2);
    expect(client.ids).toEqual([1, 2]);
  });

  it.each([34_000, 262_144, 1_048_576])(
    'of %i ends the channel for a packet of one byte more, with one line',
    async (maxPacketBytes) => {
      const { channel, client, log } = openChannel(
        { fileInfo: () => FILE },
        { limits: { maxPacketBytes } },
      );
      client.send(statRequest(1), statOfLength(2, maxPacketBytes + 1), statRequest(3));
      await channel.closed;
      expect(client.ids).toEqual([1]);
      expect(client.exitStatus).toBe(1);
      expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
        `warn The channel is closed for a malformed packet: A packet announces ${maxPacketBytes + 1} bytes; 1 to ${maxPacketBytes} are allowed (option maxPacketBytes)`,
      ]);
    },
  );

  it.each([
    [34_000, 'Test_1.0', 34_000, 32_976],
    [262_144, 'Test_1.0', 262_144, 261_120],
    [1_048_576, 'Test_1.0', 1_048_576, 1_047_552],
    [262_144, 'OpenSSH_9.0', 34_000, 32_768],
    [34_000, 'OpenSSH_9.0', 34_000, 32_768],
    [34_000, 'OpenSSH_9.2', 34_000, 32_976],
  ])(
    'of %i offers a client %s packets of %i bytes with %i of content, and READ gives no more',
    async (maxPacketBytes, ident, packet, content) => {
      const { client } = openChannel(
        { openFile: () => fileOf({ read: (target) => target.length }) },
        { ident, limits: { maxPacketBytes, maxBufferedBytes: 4 * 1024 * 1024 } },
      );
      client.send(request(PacketType.EXTENDED, 1, (w) => w.text('limits@openssh.com')));
      const { body } = await client.reply(1);
      expect([body.uint64(), body.uint64(), body.uint64(), body.uint64()]).toEqual([
        packet,
        content,
        content,
        16,
      ]);
      const handle = await open(client, 2, '/f');
      client.send(readRequest(3, handle, content), readRequest(4, handle, 2 ** 31));
      for (const id of [3, 4]) {
        expect((await client.reply(id)).body.bytes()).toHaveLength(content);
      }
    },
  );
});

describe('maxRequestsInFlight', () => {
  it.each([1, 7, 64])('%i are served at once, the others wait for their turn', async (limit) => {
    const gates: (() => void)[] = [];
    const { channel, client } = openChannel(
      {
        fileInfo: () =>
          new Promise((resolve) => {
            gates.push(() => {
              resolve(FILE);
            });
          }),
      },
      { limits: { maxRequestsInFlight: limit } },
    );
    client.send(...ids(1, 200).map((id) => statRequest(id)));
    await turns();
    expect(gates).toHaveLength(limit);
    expect(client.readableLength).toBeGreaterThan(0);
    expect(channel.working).toBe(true);
    gates[0]?.();
    await turns();
    expect(gates).toHaveLength(limit + 1);
    for (let next = 1; next < 200; next++) {
      gates[next]?.();
      await turns();
    }
    expect(client.ids).toEqual(ids(1, 200));
  });

  it('counts a request until it has its reply, not until that has left', async () => {
    let calls = 0;
    const { client } = openChannel(
      { fileInfo: () => (++calls, FILE) },
      { limits: { maxRequestsInFlight: 1 } },
    );
    client.stopReading();
    client.send(...ids(1, 50).map((id) => statRequest(id)));
    await turns();
    expect(calls).toBe(50);
  });

  it("is the session's own where that has one", async () => {
    const gate = deferred<typeof FILE>();
    let calls = 0;
    const { client } = openChannel(
      { fileInfo: () => (++calls, gate.promise) },
      { limits: { maxRequestsInFlight: 64 }, sessionLimits: { maxRequestsInFlight: 3 } },
    );
    client.send(...ids(1, 50).map((id) => statRequest(id)));
    await turns();
    expect(calls).toBe(3);
    gate.resolve(FILE);
    await client.until(() => client.ids.length === 50);
  });
});

describe('maxHandles', () => {
  it('refuses one more than that with a status and one line, until one is closed', async () => {
    const { client, log } = openChannel(
      { openFile: () => fileOf({}), fileInfo: () => DIRECTORY, listDir: () => [] },
      { sessionLimits: { maxHandles: 2 } },
    );
    const first = await open(client, 1, '/a');
    await open(client, 2, '/b');
    client.send(
      openRequest(3, '/c'),
      request(PacketType.OPENDIR, 4, (w) => w.text('/')),
    );
    const refused = {
      code: StatusCode.FAILURE,
      message: 'Too many open handles; 2 are allowed',
    };
    expect(await client.status(3)).toEqual(refused);
    expect(await client.status(4)).toEqual(refused);
    client.send(closeRequest(5, first));
    expect((await client.status(5)).code).toBe(StatusCode.OK);
    await open(client, 6, '/c');
    client.send(openRequest(7, '/d'));
    expect(await client.status(7)).toEqual(refused);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn A handle was refused: 2 are open on the channel (option maxHandles)',
    ]);
  });
});

describe('maxBufferedBytes', () => {
  it("is the session's own where that has one", async () => {
    const gate = deferred();
    let writes = 0;
    const { client } = openChannel(
      { openFile: () => fileOf({ write: () => (++writes, gate.promise) }) },
      { sessionLimits: { maxBufferedBytes: 100_000 } },
    );
    const handles = [await open(client, 1, '/a'), await open(client, 2, '/b')];
    const packets = ids(10, 40).map((id) =>
      writeRequest(id, handles[id % 2]!, Buffer.alloc(10_000)),
    );
    client.send(...packets);
    await turns();
    const taken = packets.length * packets[0]!.length - client.readableLength;
    expect(taken).toBeGreaterThan(60_000);
    expect(taken).toBeLessThan(100_000 + 2 * 10_100);
    expect(writes).toBe(2);
    gate.resolve(undefined);
    await client.until(() => client.ids.length === 42);
  });

  it('holds for pages of names, which are asked for by a few bytes each', async () => {
    const entries = Array.from({ length: 50_000 }, (_, index) => ({
      name: `${index}${'n'.repeat(100)}`,
      info: FILE,
    }));
    let listed = 0;
    const { client } = openChannel({
      fileInfo: () => DIRECTORY,
      listDir: function* () {
        for (const entry of entries) {
          listed++;
          yield entry;
        }
      } as never,
    });
    client.send(request(PacketType.OPENDIR, 1, (w) => w.text('/')));
    const handle = (await client.reply(1)).body.bytes();
    client.stopReading();
    client.send(
      ...ids(100, 1000).map((id) => request(PacketType.READDIR, id, (w) => w.bytes(handle))),
    );
    await turns();
    await turns();
    // Each entry has its name twice on a page of 32 KiB.
    expect(listed * 200).toBeGreaterThan(LIMITS.maxBufferedBytes / 4);
    expect(listed * 200).toBeLessThan(LIMITS.maxBufferedBytes + 2 * 32_768);
    client.startReading();
    await client.until(() => client.ids.length === 1001);
  });
});

describe('limitsOfSession', () => {
  it('takes what the session has, and the rest of the server', () => {
    expect(limitsOfSession(LIMITS)).toEqual(LIMITS);
    expect(limitsOfSession(LIMITS, { maxHandles: 3, maxChannels: 1 })).toEqual({
      ...LIMITS,
      maxHandles: 3,
    });
    expect(
      limitsOfSession(LIMITS, { maxHandles: 99, maxRequestsInFlight: 5, maxBufferedBytes: 7 }),
    ).toEqual({ ...LIMITS, maxHandles: 99, maxRequestsInFlight: 5, maxBufferedBytes: 7 });
  });

  it.each([undefined, 0, -1, 1.5, NaN, Infinity, '5' as unknown as number])(
    'does not take %p for a bound',
    (own) => {
      expect(ownLimit(own, 10)).toBe(10);
    },
  );
});
