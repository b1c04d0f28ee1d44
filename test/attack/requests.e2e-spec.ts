import { describe, expect, it } from '@jest/globals';

import { logIn } from '../support/attack/raw-session.js';
import { INIT, openRawFile, sftpPacket } from '../support/attack/raw-sftp.js';
import { channelData } from '../support/attack/ssh-messages.js';
import { useServerUnderAttack } from '../support/attack/under-attack.js';
import { connectAs, store } from '../support/attack/honest-client.js';
import { RawConnection } from '../support/raw-server.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import {
  close,
  extended,
  mkdir,
  open,
  opendir,
  read,
  readdir,
  request,
  stat,
  write,
} from '../support/raw-requests.js';
import { within } from '../support/raw-transport.js';
import { ByteWriter, frame, FXF, FXP } from '../support/raw-wire.js';

const MIB = 2 ** 20;

describe('requests', () => {
  const attacked = useServerUnderAttack();

  /** A log-in with a real client, and its channels by hand. */
  async function connect(): Promise<RawConnection> {
    return new RawConnection(await connectAs(attacked.port));
  }

  async function negotiated(connection: RawConnection): Promise<RawSftpClient> {
    const sftp = await connection.channel({ lenient: true });
    await sftp.init();
    return sftp;
  }

  it('gigabytes are asked for by somebody who never reads, with the largest window', async () => {
    let held = 0;
    await attacked.survives(
      async () => {
        await store(attacked.port, '/large', 250_000);
        const client = await logIn(attacked.port);
        const sizes = { window: 2 ** 32 - 1, packet: 2 ** 32 - 1 };
        const { peer, handle } = await openRawFile(client, '/large', sizes);
        client.stopReading();
        const before = await attacked.server.memory();
        const reads = Buffer.concat(Array<Buffer>(600).fill(sftpPacket(read(handle, 0, 250_000))));
        await client.send(...Array<Buffer>(2).fill(channelData(peer, reads)));
        await attacked.witnessed();
        held = (await attacked.server.memory()) - before;
        await client.drop();
      },
      { lines: 20, says: /Closed after .* \d{7,} bytes that it did not take/ },
    );
    expect(held).toBeLessThan(64 * MIB);
  });

  it('whoever has asked for gigabytes and leaves keeps nobody waiting', async () => {
    let stall = 0;
    await attacked.survives(
      async () => {
        await store(attacked.port, '/large', 250_000);
        const client = await logIn(attacked.port);
        const { peer, handle } = await openRawFile(client, '/large', { window: 2 ** 32 - 1 });
        client.stopReading();
        const reads = Buffer.concat(Array<Buffer>(800).fill(sftpPacket(read(handle, 0, 250_000))));
        await client.send(...Array<Buffer>(12).fill(channelData(peer, reads)));
        await attacked.witnessed();
        await client.drop();
        const left = performance.now();
        for (let n = 0; n < 20; n++) await attacked.server.memory(false);
        stall = performance.now() - left;
      },
      { says: /Closed after .* bytes that it did not take/ },
    );
    expect(stall).toBeLessThan(1_000);
  });

  it('a window is overrun while nothing is taken in', async () => {
    await attacked.survives(
      async () => {
        await store(attacked.port, '/large', 250_000);
        const client = await logIn(attacked.port);
        const { peer, handle } = await openRawFile(client, '/large', { window: 1000 });
        client.discard();
        const reads = Buffer.concat(Array<Buffer>(60).fill(sftpPacket(read(handle, 0, 250_000))));
        await client.send(channelData(peer, reads));
        const chunk = channelData(peer, Buffer.alloc(32_000, 1));
        for (let n = 0; n < 1000 && !client.ended; n++) await client.send(chunk);
        await client.cut('a client that overruns its window');
      },
      { lines: 20, says: /sends more than the window allows/ },
    );
  });

  it('100,000 requests in flight are all answered', async () => {
    await attacked.survives(
      async () => {
        const connection = await connect();
        const sftp = await negotiated(connection);
        const packets = Array.from({ length: 100_000 }, (_, id) => sftpPacket(stat('/'), id));
        sftp.sendBytes(Buffer.concat(packets));
        sftp.eof();
        await within(sftp.closed, 'the answers to 100,000 requests', 25_000);
        expect(new Set(sftp.arrivals.map(({ id }) => id)).size).toBe(100_000);
        await connection.end();
      },
      { lines: 20, says: /Closed after .* 1 channel, 100000 requests/ },
    );
  });

  it('handles by the thousand, on one channel and on many', async () => {
    await attacked.survives(
      async () => {
        const connection = await connect();
        let opened = 0;
        for (let n = 0; n < 5; n++) {
          const sftp = await negotiated(connection);
          const replies = await sftp.pipeline(Array(2000).fill(opendir('/')));
          opened += replies.filter(({ kind }) => kind === 'HANDLE').length;
        }
        expect(opened).toBe(5 * 1024);
        await connection.end();
      },
      { lines: 20, says: /A handle was refused: 1024 are open .* \(option maxHandles\)/ },
    );
  });

  it('a READDIR storm over a directory of a thousand names', async () => {
    await attacked.survives(
      async () => {
        const connection = await connect();
        const sftp = await negotiated(connection);
        await sftp.ok(mkdir('/many'));
        const names = Array.from({ length: 1000 }, (_, n) => `/many/${n}-${'n'.repeat(100)}`);
        await sftp.pipeline(names.map((name) => mkdir(name)));
        for (let round = 0; round < 5; round++) {
          const opens = await sftp.pipeline(Array(20).fill(opendir('/many')));
          const handles = opens.flatMap((reply) => (reply.kind === 'HANDLE' ? [reply.handle] : []));
          expect(handles).toHaveLength(20);
          for (const handle of handles) {
            for (let n = 0; n < 30; n++) sftp.post(readdir(handle));
          }
          await sftp.pipeline(handles.map((handle) => close(handle)));
        }
        await connection.end();
      },
      { lines: 20, says: /Closed after .* 1 channel, 4201 requests/ },
    );
  });

  const text = (length: number, bytes: Buffer): Buffer =>
    new ByteWriter().u32(length).bytes(bytes).done();

  it.each([
    ['a path of 4 GiB', request(FXP.STAT, text(0xffffffff, Buffer.alloc(10)))],
    ['a path of 250,000 bytes', stat('n'.repeat(250_000))],
    ['a path of 100,000 segments', stat('/a'.repeat(100_000))],
    ['a name of 60,000 bytes', open(`/${'n'.repeat(60_000)}`, FXF.WRITE | FXF.CREAT)],
    ['a handle of 200,000 bytes', read(Buffer.alloc(200_000), 0, 10)],
    [
      'a write of 4 GiB',
      request(
        FXP.WRITE,
        Buffer.concat([
          text(4, Buffer.alloc(4)),
          Buffer.alloc(8),
          text(0xffffffff, Buffer.alloc(9)),
        ]),
      ),
    ],
    [
      'a write behind the end of all files',
      write(Buffer.alloc(4), 2n ** 64n - 1n, Buffer.alloc(10)),
    ],
    [
      'four billion attributes',
      request(FXP.MKDIR, new ByteWriter().string('/x').u32(0x80000000).u32(0xffffffff)),
    ],
    ['an extension with a name of 100,000 bytes', extended('x'.repeat(100_000))],
    ['nothing behind the id', request(FXP.OPEN)],
  ])('%s costs its own request alone', async (_what, hostile) => {
    await attacked.survives(
      async () => {
        const connection = await connect();
        const sftp = await negotiated(connection);
        for (let n = 0; n < 20; n++) {
          const outcome = await sftp.outcome(hostile);
          expect(outcome).not.toBe('OK');
          expect(outcome).not.toBe('HANDLE');
        }
        await sftp.alive();
        await connection.end();
      },
      { lines: 60 },
    );
  });

  it.each([
    ['a packet of 4 GiB', Buffer.of(255, 255, 255, 255, 3)],
    ['a packet of length 0', Buffer.alloc(4)],
    ['a thousand packets of length 0', Buffer.alloc(4000)],
    ['a packet of 1 MiB', frame(Buffer.alloc(MIB, 3))],
    ['a packet without an id', frame(Buffer.of(FXP.STAT))],
    ['a second INIT', INIT],
  ])('%s ends its channel alone', async (_what, bytes) => {
    await attacked.survives(
      async () => {
        const connection = await connect();
        const [hostile, other] = [await negotiated(connection), await negotiated(connection)];
        hostile.sendBytes(bytes);
        await hostile.ended();
        await other.alive();
        await connection.end();
      },
      { lines: 20, says: /The channel is closed for a malformed packet/ },
    );
  });

  it('a hundred channels one after the other, each left with ten open files', async () => {
    await attacked.survives(
      async () => {
        const connection = await connect();
        for (let n = 0; n < 100; n++) {
          const sftp = await negotiated(connection);
          for (let k = 0; k < 10; k++) sftp.post(open(`/left-${k}`, FXF.WRITE | FXF.CREAT));
          sftp.post(opendir('/'));
          await sftp.alive();
          await sftp.destroy();
        }
        await connection.end();
      },
      { lines: 1_050 },
    );
  });
});
