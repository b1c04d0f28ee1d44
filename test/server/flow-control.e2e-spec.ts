import type { Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RandomAccessBackend } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { close, fstat, open, read, write } from '../support/raw-requests.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { getFile, putFile } from '../support/raw-files.js';
import { FXF } from '../support/raw-wire.js';
import { within } from '../support/raw-transport.js';
import { ignoreWindow } from './support/client-internals.js';
import { logIn, serveOne } from './support/log-in.js';
import { Gate, watched } from './support/watched-backend.js';

const MIB = 1024 * 1024;
const PIECE = 32_768;
/** What a channel and the sockets below it may hold: `maxBufferedBytes`, a window of 2 MiB, kernel buffers. */
const SLACK = 16 * MIB;

/** A file of any size that takes no room. */
function endless(backend: MemoryBackend): RandomAccessBackend {
  const openFile = backend.openFile.bind(backend);
  backend.openFile = (path, flags) => {
    const file = openFile(path, flags);
    if (path.startsWith('/endless')) {
      file.read = (target: Uint8Array) => target.fill(7).length;
      file.write = () => undefined;
    }
    return file;
  };
  return backend;
}

const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

describe('flow control', () => {
  let server: RawServer;
  let storage: ReturnType<typeof watched>;

  beforeEach(async () => {
    storage = watched(endless(new MemoryBackend()));
    server = await startRawServer({ backend: storage.backend });
  });
  afterEach(() => server.stop());

  it('a slow backend slows the client: what the server takes in stays near what is stored', async () => {
    const { ledger, gates } = storage;
    const gate = new Gate();
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/endless-up', FXF.WRITE | FXF.CREAT));
    gates.beforeWrite = gate.pass;
    const { _sock } = connection.ssh as unknown as { _sock: Socket };
    const sentBefore = _sock.bytesWritten;
    const sent = (): number => _sock.bytesWritten - sentBefore - _sock.writableLength;
    const total = 64 * MIB;
    const ids: number[] = [];
    for (let at = 0; at < total; at += PIECE) {
      ids.push(sftp.post(write(handle, at, Buffer.alloc(PIECE))));
    }
    await gate.reached('the first write');
    await settled(sent);
    expect(ledger.bytesWritten).toBe(0);
    expect(sent()).toBeGreaterThan(PIECE);
    expect(sent()).toBeLessThan(SLACK);
    await serveOne(server.port);
    gate.open();
    await Promise.all(ids.map((id) => sftp.replyTo(id)));
    expect(ledger.bytesWritten).toBe(total);
    await sftp.ok(close(handle));
    await connection.end();
  });

  it('a client that sends more than the window allows is cut off, and not kept in memory', async () => {
    const gate = new Gate();
    const connection = await logIn({ port: server.port });
    // Its own `error`, a reset connection, is part of it.
    const gone = new Promise<void>((resolve) => connection.ssh.once('close', resolve));
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/endless-up', FXF.WRITE | FXF.CREAT));
    storage.gates.beforeWrite = gate.pass;
    ignoreWindow(connection.ssh);
    // Not a divisor of the window: ssh2 drops what comes when exactly nothing is left of it.
    for (let at = 0; at < 64 * MIB; at += 30_001) {
      sftp.post(write(handle, at, Buffer.alloc(30_001)));
    }
    await within(gone, 'the end of the connection');
    expect(server.log.some(({ text }) => text.includes('more than the window allows'))).toBe(true);
    await serveOne(server.port);
    gate.open();
    await storage.ledger.until(({ aborted }) => aborted === 1, 'the abort of the upload');
  });

  it('a client that does not read stops the server from reading, at little memory', async () => {
    const { ledger } = storage;
    const before = held();
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    await sftp.ok(close(await sftp.handle(open('/endless', FXF.WRITE | FXF.CREAT))));
    const handle = await sftp.handle(open('/endless', FXF.READ));
    const { _sock } = connection.ssh as unknown as { _sock: Socket };
    _sock.pause();
    // 1 GiB
    for (let n = 0; n < 4200; n++) sftp.post(read(handle, n * 261_120, 261_120));
    await ledger.until(({ bytesRead }) => bytesRead > 0, 'the first read');
    await settled(() => ledger.bytesRead);
    await serveOne(server.port);
    expect(ledger.bytesRead).toBeLessThan(SLACK);
    expect(held() - before).toBeLessThan(64 * MIB);
    connection.ssh.destroy();
    await ledger.until(({ aborted }) => aborted === 1, 'the end of the file');
  });

  it('a client whose window is full stops the server from reading, and goes on when it opens', async () => {
    const { ledger } = storage;
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    await sftp.ok(close(await sftp.handle(open('/endless', FXF.WRITE | FXF.CREAT))));
    const handle = await sftp.handle(open('/endless', FXF.READ));
    const { _sock } = connection.ssh as unknown as { _sock: Socket };
    _sock.pause();
    const ids = Array.from({ length: 400 }, (_each, n) =>
      sftp.post(read(handle, n * 261_120, 261_120)),
    );
    await settled(() => ledger.bytesRead);
    expect(ledger.bytesRead).toBeLessThan(SLACK);
    _sock.resume();
    const replies = await Promise.all(ids.map((id) => sftp.replyTo(id)));
    expect(replies.every((reply) => reply.kind === 'DATA' && reply.data.length === 261_120)).toBe(
      true,
    );
    expect(await sftp.outcome(fstat(handle))).toBe('ATTRS');
    await connection.end();
  });

  it('a channel that does not read does not hold up other connections', async () => {
    const stuck = [];
    for (let n = 0; n < 5; n++) {
      const connection = await logIn({ port: server.port });
      const sftp = await connection.channel();
      await sftp.init();
      await sftp.ok(close(await sftp.handle(open('/endless', FXF.WRITE | FXF.CREAT))));
      const handle = await sftp.handle(open('/endless', FXF.READ));
      (connection.ssh as unknown as { _sock: Socket })._sock.pause();
      for (let m = 0; m < 400; m++) sftp.post(read(handle, m * 261_120, 261_120));
      stuck.push(connection);
    }
    const started = performance.now();
    await serveOne(server.port);
    expect(performance.now() - started).toBeLessThan(3000);
    for (const connection of stuck) connection.ssh.destroy();
  });

  it('many clients at once are each served with their own content', async () => {
    await Promise.all(
      Array.from({ length: 25 }, async (_each, n) => {
        const connection = await logIn({ port: server.port });
        const sftp = await connection.channel();
        await sftp.init();
        const content = Buffer.alloc(300_000, n + 1);
        await putFile(sftp, `/client-${n}`, content);
        expect((await getFile(sftp, `/client-${n}`)).equals(content)).toBe(true);
        await connection.end();
      }),
    );
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
