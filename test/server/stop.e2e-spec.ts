import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';

import { afterEach, describe, expect, it } from '@jest/globals';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { close, open, read, write } from '../support/raw-requests.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { BackendProbe } from '../support/backend-probe.js';
import { seededBytes, sha256 } from '../support/fixtures.js';
import { putFile } from '../support/raw-files.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { makeTempDir } from '../support/temp-dir.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';
import { attempt, logIn, untilClosed } from './support/log-in.js';
import { isListening, TcpPeer } from './support/tcp-peer.js';
import { Gate, never, watched } from './support/watched-backend.js';

const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;
const CONTENT = seededBytes(2_000_000, 3);
const PIECE = 32_768;

/** A program that logs in, opens a file, and writes to it for as long as it lives. */
const UPLOADER = `
import ssh2 from 'ssh2';
const client = new ssh2.Client();
client.on('ready', () => client.sftp((error, sftp) => {
  if (error) throw error;
  sftp.open('/upload.bin', 'w', (failure, handle) => {
    if (failure) throw failure;
    let at = 0;
    const next = () => sftp.write(handle, Buffer.alloc(30000, 5), 0, 30000, at, (e) => {
      if (e) throw e;
      at += 30000;
      next();
    });
    for (let n = 0; n < 8; n++) next();
  });
}));
client.connect({ host: '127.0.0.1', port: Number(process.env.SFTP_PORT), username: 'dev', password: 'dev' });
`;

let children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

function startUploader(port: number): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', UPLOADER], {
    env: { ...process.env, SFTP_PORT: String(port) },
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

async function channelOf(server: RawServer): Promise<RawSftpClient> {
  const connection = await logIn({ port: server.port });
  const channel = await connection.channel();
  await channel.init();
  return channel;
}

describe('stop', () => {
  it('lets a running upload and download end, refuses new clients and sends idle ones away', async () => {
    const { backend, ledger } = watched(new MemoryBackend());
    const server = await startRawServer({ backend, options: { drainTimeout: 9_000 } });
    const sftp = await channelOf(server);
    await putFile(sftp, '/down', CONTENT);
    const down = await sftp.handle(open('/down', FXF.READ));
    const other = await channelOf(server);
    const up = await other.handle(open('/up', CREATE));
    await other.ok(write(up, 0, CONTENT.subarray(0, PIECE)));
    const idle = await logIn({ port: server.port });
    const idleWithChannel = await logIn({ port: server.port });
    await (await idleWithChannel.channel()).init();
    const silent = await new TcpPeer(server.port).connected();
    const sentAway = Promise.all([
      untilClosed(idle.ssh, 'an idle client'),
      untilClosed(idleWithChannel.ssh, 'an idle client with a channel'),
      silent.untilCut('a connection that has not said anything'),
    ]);

    const stopped = server.stop();
    await sentAway;
    expect(await isListening(server.port)).toBe(false);
    const parts: Buffer[] = [];
    for (let at = 0; at < CONTENT.length; at += PIECE) {
      parts.push(await sftp.data(read(down, at, PIECE)));
      if (at > 0) await other.ok(write(up, at, CONTENT.subarray(at, at + PIECE)));
    }
    expect(Buffer.concat(parts).equals(CONTENT)).toBe(true);
    await other.ok(close(up));
    await sftp.ok(close(down));
    await stopped;
    expect(await new BackendProbe(backend).sha256('/up')).toBe(sha256(CONTENT));
    expect([ledger.opened - 1, ledger.closed - 1, ledger.aborted]).toEqual([3, 3, 0]);
  });

  it('cuts what does not end in drainTimeout: its upload is aborted once, and never closed', async () => {
    const { backend, ledger } = watched(new MemoryBackend());
    const server = await startRawServer({ backend, options: { drainTimeout: 300 } });
    const sftp = await channelOf(server);
    const up = await sftp.handle(open('/up', CREATE));
    await sftp.ok(write(up, 0, CONTENT.subarray(0, PIECE)));
    const started = performance.now();
    await server.stop();
    expect(performance.now() - started).toBeGreaterThan(280);
    await sftp.ended();
    expect([ledger.aborted, ledger.closed]).toEqual([1, 0]);
    expect(server.log.some(({ text }) => text.includes('drain time-out'))).toBe(true);
  });

  it('with a backend that never settles it ends after drainTimeout and closeTimeout', async () => {
    const { backend, gates } = watched(new MemoryBackend());
    const server = await startRawServer({
      backend,
      options: { drainTimeout: 200, closeTimeout: 300, requestTimeout: 60_000 },
    });
    const sftp = await channelOf(server);
    const up = await sftp.handle(open('/up', CREATE));
    gates.beforeWrite = never;
    const gate = new Gate();
    gates.beforeWrite = async () => {
      void gate.pass();
      await never();
    };
    sftp.post(write(up, 0, 'x'));
    await gate.reached('the write');
    await server.stop();
    await sftp.ended();
  });

  it('while clients log in: they are sent away, and it does not wait for them', async () => {
    const gate = new Gate();
    const server = await startRawServer({
      options: { auth: { authenticatePassword: gate.pass as never }, drainTimeout: 60_000 },
    });
    const { client, outcome } = attempt({ port: server.port, password: 'dev' });
    await gate.reached('the authenticator to be asked');
    const half = (await new TcpPeer(server.port).connected()).send('SSH-2.0-half\r\n');
    const closed = untilClosed(client, 'a client that logs in');
    half.socket.end();
    await server.stop();
    await closed;
    expect(await outcome).not.toBe('logged in');
    gate.open();
    half.socket.destroy();
  });
});

describe('a client that is gone', () => {
  it('killed in the middle of an upload: aborted once, never closed', async () => {
    const { backend, ledger } = watched(new MemoryBackend());
    const server = await startRawServer({ backend });
    const child = startUploader(server.port);
    await ledger.until(({ bytesWritten }) => bytesWritten > 1_000_000, 'the upload to run');
    child.kill('SIGKILL');
    await within(once(child, 'exit'), 'the end of the client');
    await ledger.until(({ aborted }) => aborted > 0, 'the abort');
    await server.stop();
    expect([ledger.aborted, ledger.closed]).toEqual([1, 0]);
  });

  it('killed, with atomicUploads of a folder: no file appears and nothing temporary stays', async () => {
    const root = await makeTempDir();
    const folder = new FolderBackend({ root: root.path, atomicUploads: true });
    const { backend, ledger } = watched(folder);
    const server = await startRawServer({ backend });
    const child = startUploader(server.port);
    await ledger.until(({ bytesWritten }) => bytesWritten > 1_000_000, 'the upload to run');
    expect(await readdir(root.path)).not.toContain('upload.bin');
    child.kill('SIGKILL');
    await ledger.until(({ aborted }) => aborted > 0, 'the abort');
    await server.stop();
    expect([ledger.aborted, ledger.closed]).toEqual([1, 0]);
    expect(await readdir(root.path)).toEqual([]);
    await root.remove();
  });

  it('killed while the backend is slow: what waits is served, then the upload is aborted once', async () => {
    const gate = new Gate();
    const { backend, ledger } = watched(new MemoryBackend(), { beforeWrite: gate.pass });
    const server = await startRawServer({ backend });
    const child = startUploader(server.port);
    await gate.reached('the first write');
    child.kill('SIGKILL');
    await within(once(child, 'exit'), 'the end of the client');
    expect(ledger.aborted).toBe(0);
    gate.open();
    await ledger.until(({ aborted }) => aborted > 0, 'the abort');
    await server.stop();
    expect([ledger.aborted, ledger.closed]).toEqual([1, 0]);
  });

  it('right after it has sent CLOSE: the whole upload is stored, or aborted, exactly one of both', async () => {
    const { backend, ledger } = watched(new MemoryBackend());
    const server = await startRawServer({ backend });
    for (let round = 0; round < 20; round++) {
      const connection = await logIn({ port: server.port });
      const sftp = await connection.channel();
      await sftp.init();
      const handle = await sftp.handle(open(`/f${round}`, CREATE));
      for (let at = 0; at < 200_000; at += PIECE) {
        sftp.post(write(handle, at, CONTENT.subarray(at, Math.min(at + PIECE, 200_000))));
      }
      sftp.post(close(handle));
      if (round % 2 === 0) connection.ssh.destroy();
      else connection.ssh.end();
    }
    await ledger.until(({ closed, aborted }) => closed + aborted === 20, 'the end of 20 uploads');
    await server.stop();
    expect(ledger.closed + ledger.aborted).toBe(20);
    // Whoever says goodbye has sent all before it.
    expect(ledger.closed).toBeGreaterThanOrEqual(10);
    const probe = new BackendProbe(backend);
    for (let round = 1; round < 20; round += 2) {
      expect(await probe.sha256(`/f${round}`)).toBe(sha256(CONTENT.subarray(0, 200_000)));
    }
  });

  it('while its CLOSE is being stored: stored once, and not aborted', async () => {
    const gate = new Gate();
    const { backend, ledger } = watched(new MemoryBackend(), { beforeClose: gate.pass });
    const server = await startRawServer({ backend });
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/f', CREATE));
    const answer = sftp.request(close(handle)).then(outcomeOf, () => 'none');
    await gate.reached('the commit');
    connection.ssh.destroy();
    expect(await answer).toBe('none');
    gate.open();
    await ledger.until(({ closed }) => closed === 1, 'the commit');
    await server.stop();
    expect([ledger.closed, ledger.aborted]).toEqual([1, 0]);
  });
});
