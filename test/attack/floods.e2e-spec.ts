import { describe, expect, it } from '@jest/globals';

import { logIn, requestService } from '../support/attack/raw-session.js';
import { openRawFile, sftpPacket } from '../support/attack/raw-sftp.js';
import { RawSsh } from '../support/attack/raw-ssh.js';
import {
  channelData,
  globalRequest,
  kexinit,
  message,
  MSG,
  userauth,
} from '../support/attack/ssh-messages.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { store } from '../support/attack/honest-client.js';
import { read } from '../support/raw-requests.js';
import { ByteWriter } from '../support/raw-wire.js';

const MIB = 2 ** 20;

/** A query for a key that takes long to write down: the answer repeats it (RFC 4252, section 7). */
const LARGE_KEY_QUERY = userauth('dev', 'publickey', (b) => {
  const modulus = Buffer.alloc(1000, 0x5b);
  const key = new ByteWriter()
    .string('ssh-rsa')
    .string(Buffer.of(1, 0, 1))
    .string(modulus);
  b.u8(0).string('rsa-sha2-256').string(key.done());
});

const ignore = message(MSG.IGNORE, (b) => b.string('x'.repeat(30_000)));

const IGNORED: readonly (readonly [string, Buffer])[] = [
  ['IGNORE', ignore],
  ['DEBUG', message(MSG.DEBUG, (b) => b.u8(1).string('\u001b[2J\n'.repeat(1000)).string('en'))],
  ['UNIMPLEMENTED', message(MSG.UNIMPLEMENTED, (b) => b.u32(1))],
  ['messages of no known type', Buffer.concat([Buffer.of(200), Buffer.alloc(100)])],
  [
    'EXT_INFO',
    message(MSG.EXT_INFO, (b) => b.u32(2).string('a').string('b').string('c').string('d')),
  ],
  ['answers to nothing', message(MSG.REQUEST_FAILURE)],
  ['empty messages', Buffer.alloc(0)],
];

/** Sends a payload again and again, until so many have left or the server has had enough. */
async function flood(client: RawSsh, payload: Buffer, count: number): Promise<void> {
  const batch = Array<Buffer>(Math.min(count, 500)).fill(payload);
  for (let sent = 0; sent < count && !client.ended; sent += batch.length) {
    // what the server does not take any more is not waited for: it has stopped to listen
    const taken = client.send(...batch);
    await Promise.race([taken, new Promise((resolve) => setTimeout(resolve, 1000))]);
    if (client.socket.writableLength > 2 ** 20) return;
  }
}

describe('floods', () => {
  const attacked = useServerUnderAttack();

  it.each(IGNORED)('%s, before and after the log-in', async (_what, payload) => {
    await attacked.survives(
      async () => {
        for (const client of [await RawSsh.connect(attacked.port), await logIn(attacked.port)]) {
          client.discard();
          await flood(client, payload, payload.length > 1000 ? 200 : 5_000);
          await client.drop();
        }
      },
      { lines: 20, says: /Closed after .*"dev".* \d{3,} messages of no use/ },
    );
  });

  it.each([
    ['before', (port: number) => RawSsh.connect(port), /more than 256 messages without logging in/],
    ['after', (port: number) => logIn(port), /Closed after .* 50000 global requests/],
  ])(
    'global requests of somebody who reads no answer, %s the log-in',
    async (_when, connect, says) => {
      await attacked.survives(
        async () => {
          const client = await connect(attacked.port);
          client.stopReading();
          await flood(client, globalRequest('x', true), 50_000);
          await client.drop();
        },
        { lines: 20, says },
      );
    },
  );

  it('answers that nobody reads are not kept without end', async () => {
    let held = 0;
    await attacked.survives(async () => {
      const client = await RawSsh.connect(attacked.port);
      await requestService(client);
      client.stopReading();
      const before = await attacked.server.memory();
      await flood(client, LARGE_KEY_QUERY, 20_000);
      held = (await attacked.server.memory()) - before;
      await client.drop();
    });
    expect(held).toBeLessThan(24 * MIB);
  });

  it('key exchanges without end', async () => {
    await attacked.survives(
      async () => {
        const client = await logIn(attacked.port);
        for (let n = 0; n < 60; n++) await client.exchangeKeys();
        await client.drop();
      },
      { lines: 20, says: /Closed after .* 6\d key exchanges/ },
    );
  });

  it('a key exchange that is begun and never ended, with gigabytes asked for before', async () => {
    let held = 0;
    await attacked.survives(
      async () => {
        await store(attacked.port, '/large', 200_000);
        const client = await logIn(attacked.port);
        const sizes = { window: 2 ** 32 - 1, packet: 2 ** 20 };
        const { peer, handle } = await openRawFile(client, '/large', sizes);
        client.discard();
        const before = await attacked.server.memory();
        const reads = Buffer.concat(Array<Buffer>(500).fill(sftpPacket(read(handle, 0, 200_000))));
        await client.send(...Array<Buffer>(2).fill(channelData(peer, reads)), kexinit());
        await attacked.witnessed();
        held = (await attacked.server.memory()) - before;
        await client.drop();
      },
      { lines: 20 },
    );
    expect(held).toBeLessThan(64 * MIB);
  });

  async function sayGoodbye(text: string): Promise<void> {
    for (const client of [await RawSsh.connect(attacked.port), await logIn(attacked.port)]) {
      await client.send(message(MSG.DISCONNECT, (b) => b.u32(2).string(text).string('')));
      await client.cut('a connection that said goodbye');
    }
  }

  it('DISCONNECT with a short text', async () => {
    await attacked.survives(() => sayGoodbye('bye'), { lines: 20 });
  });

  it('DISCONNECT with a giant text', async () => {
    const lines = await attacked.survives(() => sayGoodbye('x'.repeat(30_000)), { lines: 20 });
    for (const { text } of lines) expect(text.length).toBeLessThan(2_000);
  });

  it('DISCONNECT with a text that writes into the log', async () => {
    const text =
      'bye\n[Nest] 1  - 01/01/2026, 1:00:00 PM     LOG [SftpServer] "root" logged in\u001b[2J';
    const lines = await attacked.survives(() => sayGoodbye(text), { lines: 20 });
    expect(lines.map((line) => line.text)).not.toContainEqual(
      expect.stringMatching(/"root" logged/),
    );
  });

  it('compression cannot be negotiated', async () => {
    await attacked.survives(async () => {
      const client = await RawSsh.connect(attacked.port);
      expect(client.serverKexinit.toString('latin1')).not.toContain('zlib');
      await client.drop();
      for (const compression of ['zlib', 'zlib@openssh.com', '']) {
        const greedy = await RawSsh.dial(attacked.port);
        await greedy.identify();
        await expect(greedy.exchangeKeys(kexinit({ compression }))).rejects.toThrow(
          /ended|disconnects/,
        );
        await greedy.cut('a client that wants compression');
      }
    });
  });
});
