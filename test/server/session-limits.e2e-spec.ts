import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Acceptance,
  type ConnectionRefusedEvent,
  type SftpAuthenticator,
  type SftpModuleOptions,
} from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { sha256, writeSeeded } from '../support/fixtures.js';
import { SftpByPassword } from '../support/openssh-client.js';
import { getFile, putFile } from '../support/raw-files.js';
import { close, limits, mkdir, open, read, stat, symlink } from '../support/raw-requests.js';
import type { RawReply } from '../support/raw-replies.js';
import { type RawConnection, type RawServer, startRawServer } from '../support/raw-server.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { makeTempDir } from '../support/temp-dir.js';
import { grantWindow, widenWindows } from './support/client-internals.js';
import { logIn, serveOne } from './support/log-in.js';
import { Gate, watched } from './support/watched-backend.js';

const MIB = 1024 * 1024;
const CREATE = FXF.READ | FXF.WRITE | FXF.CREAT;

let server: RawServer;
let refused: ConnectionRefusedEvent[];

async function start(options: Partial<SftpModuleOptions>, backend = new MemoryBackend()) {
  server = await startRawServer({ backend, options: { drainTimeout: 2000, ...options } });
  refused = [];
  server.events.on('connection.refused', (event) => refused.push(event));
}

async function channelOf(port: number): Promise<RawSftpClient> {
  const sftp = await (await logIn({ port })).channel();
  await sftp.init();
  return sftp;
}

const warnings = (): string[] =>
  server.log.filter(({ level }) => level === 'warn').map(({ text }) => text);

afterEach(() => server.stop());

describe('the limits of what one request may be', () => {
  it('maxPacketBytes: a longer packet costs its channel, and the connection goes on', async () => {
    await start({ maxPacketBytes: 40_000 });
    const connection = await logIn({ port: server.port });
    const [sftp, beside] = [await connection.channel(), await connection.channel()];
    await sftp.init();
    await beside.init();
    const told = await sftp.extended(limits());
    expect([told.u64(), told.u64(), told.u64()]).toEqual([40_000n, 38_976n, 38_976n]);
    const content = Buffer.alloc(100_000, 'x');
    await putFile(sftp, '/f', content);
    const handle = await sftp.handle(open('/f', FXF.READ));
    expect(await sftp.data(read(handle, 0, 90_000))).toHaveLength(38_976);

    sftp.sendPacket(Buffer.alloc(40_001, 17));
    expect(await sftp.ended()).toBe(1);
    await beside.alive();
    expect(refused).toMatchObject([{ reason: 'protocol', username: 'dev' }]);
    expect(warnings()).toEqual([expect.stringContaining('40001 bytes; 1 to 40000 are allowed')]);
    await connection.end();
  });

  it('maxPathBytes and maxNameBytes: a longer one is refused, with an event and a line, and the channel goes on', async () => {
    await start({ maxPathBytes: 30, maxNameBytes: 10 });
    const sftp = await channelOf(server.port);
    await sftp.ok(mkdir(`/${'d'.repeat(10)}`));
    expect(await sftp.status(mkdir(`/${'d'.repeat(11)}`))).toBe('FAILURE');
    const longest = `/${'d'.repeat(10)}/${'./'.repeat(9)}`;
    await sftp.attrs(stat(longest));
    expect(await sftp.status(stat(`${longest}/`))).toBe('FAILURE');
    expect(await sftp.status(stat(`${longest}//`))).toBe('FAILURE');
    await sftp.ok(symlink('t'.repeat(10), '/link'));
    expect(await sftp.status(symlink('t'.repeat(11), '/other'))).toBe('FAILURE');
    await sftp.alive();
    expect(refused).toMatchObject([
      { reason: 'maxNameBytes', username: 'dev' },
      { reason: 'maxPathBytes', username: 'dev' },
    ]);
    expect(warnings()).toEqual([
      expect.stringMatching(/A path was refused: .* 10 bytes \(option maxNameBytes\)$/),
      expect.stringMatching(/A path was refused: .* 30 bytes, not 31 \(option maxPathBytes\)$/),
    ]);
    await sftp.destroy();
  });
});

describe('the limits of how many there may be', () => {
  it('maxHandles: one more is refused, with one event and one line for any number of them', async () => {
    await start({ maxHandles: 3 });
    const sftp = await channelOf(server.port);
    const handles = [];
    for (const name of ['/a', '/b', '/c']) handles.push(await sftp.handle(open(name, CREATE)));
    for (let n = 0; n < 50; n++) expect(await sftp.status(open('/d', CREATE))).toBe('FAILURE');
    await sftp.ok(close(handles[0]!));
    await sftp.handle(open('/d', CREATE));
    expect(warnings()).toEqual([expect.stringContaining('(option maxHandles)')]);
    expect(refused).toMatchObject([{ reason: 'maxHandles', username: 'dev' }]);
    const other = await channelOf(server.port);
    for (const name of ['/a', '/b', '/c', '/d']) await other.request(open(name, CREATE));
    expect(warnings()).toHaveLength(2);
    expect(refused).toHaveLength(2);
    await other.destroy();
    await sftp.destroy();
  });

  it('maxChannels: one more is refused with an event and a line, and the connection goes on', async () => {
    await start({ maxChannels: 2 });
    const connection = await logIn({ port: server.port });
    const first = await connection.channel();
    await first.init();
    await connection.channel();
    await expect(connection.channel()).rejects.toThrow(/open failure/i);
    await first.alive();
    expect(refused).toEqual([
      {
        reason: 'maxChannels',
        username: 'dev',
        address: '127.0.0.1',
        port: expect.any(Number),
        connectionId: expect.any(String),
      },
    ]);
    expect(warnings()).toEqual([expect.stringContaining('2 are open (option maxChannels)')]);
    await connection.end();
  });

  it('idleTimeout: a connection on which nothing moves ends with an event', async () => {
    await start({ idleTimeout: 1000 });
    const sftp = await channelOf(server.port);
    await sftp.ended();
    expect(refused).toMatchObject([{ reason: 'idleTimeout', username: 'dev' }]);
  });
});

describe('limits that the authenticator gives a user', () => {
  const authenticator: SftpAuthenticator = {
    authenticatePassword: (username) =>
      new Acceptance(
        {},
        username === 'small'
          ? { maxChannels: 1, maxHandles: 2, maxRequestsInFlight: 3, idleTimeout: 1500 }
          : {},
      ),
  };

  it("hold for that user's sessions, and no others", async () => {
    const { backend, gates } = watched(new MemoryBackend());
    await start({ auth: { useValue: authenticator } }, backend);
    const [small, other] = [
      await logIn({ port: server.port, username: 'small' }),
      await logIn({ port: server.port }),
    ];
    const sftp = await small.channel();
    await sftp.init();
    await expect(small.channel()).rejects.toThrow(/open failure/i);
    for (let n = 0; n < 3; n++) await (await other.channel()).init();
    expect(refused).toMatchObject([{ reason: 'maxChannels', username: 'small' }]);
    expect(warnings()).toEqual([expect.stringContaining('1 are open (option maxChannels)')]);

    const handle = await sftp.handle(open('/f', CREATE));
    await sftp.handle(open('/g', CREATE));
    expect(await sftp.status(open('/h', CREATE))).toBe('FAILURE');
    const gate = new Gate();
    gates.beforeRead = gate.pass;
    const ids = Array.from({ length: 10 }, () => sftp.post(read(handle, 0, 10)));
    await gate.reached('the first read');
    // Requests of another connection come behind those that could have been taken in.
    await serveOne(server.port);
    expect(gate.arrived).toBe(3);
    gate.open();
    for (const id of ids) await sftp.replyTo(id);

    await sftp.ended();
    expect(refused.at(-1)).toMatchObject({ reason: 'idleTimeout', username: 'small' });
    await (await other.channel()).init();
    await other.end();
  });
});

describe('the memory that channels share', () => {
  /** What kernels keep of a stream between two sockets of one machine, at both ends. */
  const KERNEL = 8 * MIB;
  /** One request of each channel, which it may hold whatever the others do. */
  const REQUEST = 270 * 1024;
  const limitsOfMemory = {
    maxBufferedBytes: 4 * MIB,
    maxBufferedBytesPerConnection: MIB,
    maxBufferedBytesTotal: 3 * MIB,
  };

  interface Greedy {
    readonly connection: RawConnection;
    /** Of all its requests. */
    readonly replies: () => Promise<RawReply[]>;
  }

  /** A connection whose channels ask for 8 MiB each, of which they let so many bytes come. */
  async function greedy(channels: number, window: number): Promise<Greedy> {
    const connection = await logIn({ port: server.port });
    grantWindow(connection.ssh, window);
    const opened: { readonly sftp: RawSftpClient; readonly handle: Buffer }[] = [];
    for (let n = 0; n < channels; n++) {
      const sftp = await connection.channel();
      await sftp.init();
      opened.push({ sftp, handle: await sftp.handle(open('/big', FXF.READ)) });
    }
    // What no window holds back does not get further than the sockets.
    if (window > MIB) (connection.ssh as unknown as { _sock: Socket })._sock.pause();
    const asked = opened.flatMap(({ sftp, handle }) =>
      Array.from({ length: 32 }, () => ({ sftp, id: sftp.post(read(handle, 0, 261_120)) })),
    );
    return {
      connection,
      replies: () => Promise.all(asked.map(({ sftp, id }) => sftp.replyTo(id))),
    };
  }

  it('eight channels whose windows are full: no more is read for them, and all when they open', async () => {
    const storage = watched(new MemoryBackend());
    await start(limitsOfMemory, storage.backend);
    await putFile(await channelOf(server.port), '/big', Buffer.alloc(MIB, 7));
    const { connection, replies } = await greedy(8, 32_768);
    await storage.ledger.until(({ bytesRead }) => bytesRead > MIB, 'the first reads');
    await settled(() => storage.ledger.bytesRead);
    expect(storage.ledger.bytesRead).toBeLessThan(MIB + 8 * REQUEST);
    await serveOne(server.port);
    widenWindows(connection.ssh, 2 ** 30);
    const all = await replies();
    expect(all).toHaveLength(8 * 32);
    expect(all.every((reply) => reply.kind === 'DATA' && reply.data.length === 261_120)).toBe(true);
    await connection.end();
  });

  it('when six clients that do not read have used up everything, another one is served its files', async () => {
    const storage = watched(new MemoryBackend());
    await start(limitsOfMemory, storage.backend);
    const other = await channelOf(server.port);
    await putFile(other, '/big', Buffer.alloc(MIB, 7));
    const clients = await Promise.all(Array.from({ length: 6 }, () => greedy(4, 2 ** 31 - 1)));
    await settled(() => storage.ledger.bytesRead);
    const stuck = storage.ledger.bytesRead;
    expect(stuck).toBeLessThan(3 * MIB + 24 * REQUEST + 6 * KERNEL);
    for (let n = 0; n < 5; n++) {
      const content = Buffer.alloc(2 * MIB, n);
      await putFile(other, '/mine', content);
      expect((await getFile(other, '/mine')).equals(content)).toBe(true);
    }
    await serveOne(server.port);
    for (const { connection } of clients) connection.ssh.destroy();
    await storage.ledger.until(({ aborted }) => aborted === 24, 'the end of what was open');
    await putFile(other, '/after', Buffer.alloc(MIB));
    await other.destroy();
  });
});

const sftp = findProgram('sftp');
const sshpass = findProgram('sshpass');

whereUsable('Limits with OpenSSH sftp', [sftp, sshpass], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)("OpenSSH's sftp", () => {
    it.each([
      { maxPacketBytes: 34_000, maxRequestsInFlight: 1 },
      { maxPacketBytes: 1_048_576, maxRequestsInFlight: 1024 },
      { maxBufferedBytesPerConnection: 524_288, maxBufferedBytesTotal: 524_288 },
    ])('carries a file to and fro within %j', async (options) => {
      await start(options);
      const { path, remove } = await makeTempDir();
      try {
        const digest = await writeSeeded(join(path, 'file'), 5_000_001, 11);
        const client = new SftpByPassword(programOf(sshpass), programOf(sftp), server.port, path);
        await client.ok('put file up', 'get up back');
        expect(sha256(await readFile(join(path, 'back')))).toBe(digest);
        expect(refused).toEqual([]);
        expect(warnings()).toEqual([]);
      } finally {
        await remove();
      }
    });
  });
});

/** Waits until a count has stood still for 30 looks in a row: what is under way has come to its stop. */
async function settled(count: () => number): Promise<void> {
  let still = 0;
  for (let last = count(), looks = 0; still < 30; looks++) {
    if (looks > 900) throw new Error(`After ${looks} looks it still grows: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = count();
    still = now === last ? still + 1 : 0;
    last = now;
  }
}
