import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import type { Client } from 'ssh2';

import { protocolOf } from '../server/support/client-internals.js';
import { serveOne, untilClosed } from '../server/support/log-in.js';
import { watched } from '../server/support/watched-backend.js';
import { BackendProbe } from '../support/backend-probe.js';
import { findProgram, findPythonWith, programOf } from '../support/client-tools.js';
import { digestTree, sha256, seededBytes, writeSeeded } from '../support/fixtures.js';
import { Lftp } from '../support/lftp-client.js';
import { asOptions, sshSettings } from '../support/openssh-client.js';
import { Psftp } from '../support/psftp-client.js';
import { getFile, putFile } from '../support/raw-files.js';
import { close, open, read, write } from '../support/raw-requests.js';
import { startRawServer } from '../support/raw-server.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';
import { Rclone } from '../support/rclone-client.js';
import { runOk } from '../support/run-program.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { digestStored } from '../support/storage-probe.js';
import { startBackendServer } from '../support/test-server.js';

jest.setTimeout(90_000);

const MIB = 1024 * 1024;
const SIZE = 8 * MIB + 7;
const NEW_KEYS = 'The connection has new keys';
const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;

/** What the tests of a private matter of ssh2's client see of it. */
interface ClientInternals {
  readonly _protocol: { readonly _decipher: { _onPayload: (payload: Buffer) => unknown } };
  readonly _sock: { pause(): void };
}

describe('a server that asks for new keys after each MiB', () => {
  let target: SftpTarget;
  let rekeyings = 0;
  let works = 0;

  beforeAll(async () => {
    const backend = new MemoryBackend();
    const ignore = (): void => undefined;
    target = await startBackendServer(
      backend,
      new BackendProbe(backend),
      { rekeyBytes: MIB },
      {
        log: ignore,
        warn: ignore,
        error: ignore,
        debug: (message: unknown) => {
          if (String(message).endsWith(NEW_KEYS)) rekeyings++;
        },
      },
    );
  });
  afterAll(() => target.stop());

  interface Work {
    readonly local: string;
    readonly remote: string;
    /** Compares what is stored and what came back with what was sent, and counts the exchanges of keys. */
    check(): Promise<void>;
  }

  async function work(): Promise<Work> {
    const name = `work-${++works}`;
    const local = join(target.home, name);
    for (const directory of ['from', 'back']) {
      await mkdir(join(local, directory), { recursive: true });
    }
    await writeSeeded(join(local, 'from', 'large'), SIZE, works);
    await target.storage.makeDir(`/${name}`);
    const expected = await digestTree(join(local, 'from'));
    rekeyings = 0;
    return {
      local,
      remote: `/${name}`,
      check: async () => {
        expect(await digestStored(target.storage, `/${name}`)).toEqual(expected);
        expect(await digestTree(join(local, 'back'))).toEqual(expected);
        // Not one for each MiB: what is under way when it is full still comes.
        expect(rekeyings).toBeGreaterThan(5);
      },
    };
  }

  const CIPHERS = [
    { cipher: 'aes128-gcm@openssh.com' },
    { cipher: 'aes256-gcm@openssh.com' },
    { cipher: 'chacha20-poly1305@openssh.com' },
    { cipher: 'aes128-ctr', mac: 'hmac-sha2-256-etm@openssh.com' },
    { cipher: 'aes256-ctr', mac: 'hmac-sha2-512-etm@openssh.com' },
    { cipher: 'aes256-ctr', mac: 'hmac-sha2-256' },
  ];

  async function openssh(settings: readonly string[], { local, remote }: Work): Promise<void> {
    const args = [...asOptions([...settings, ...sshSettings(target)]), '-b', '-'];
    await runOk(programOf(findProgram('sftp')), [...args, `${target.username}@${target.host}`], {
      home: target.home,
      cwd: local,
      input: `put from/large ${remote}/large\nget ${remote}/large back/large\n`,
    });
  }

  it.each(CIPHERS)('OpenSSH sftp loses nothing through $cipher $mac', async ({ cipher, mac }) => {
    const job = await work();
    await openssh([`Ciphers=${cipher}`, ...(mac ? [`MACs=${mac}`] : [])], job);
    await job.check();
  });

  it.each(CIPHERS)('nor when it asks too, through $cipher $mac', async ({ cipher, mac }) => {
    const job = await work();
    await openssh(['RekeyLimit=1M', `Ciphers=${cipher}`, ...(mac ? [`MACs=${mac}`] : [])], job);
    await job.check();
  });

  it('psftp loses nothing', async () => {
    const job = await work();
    const psftp = new Psftp(programOf(findProgram('psftp')), target);
    await psftp.makeKey(programOf(findProgram('puttygen')));
    const lines = [`put from/large ${job.remote}/large`, `get ${job.remote}/large back/large`];
    await psftp.commands(lines, job.local);
    await job.check();
  });

  it('paramiko loses nothing', async () => {
    const job = await work();
    await runOk(programOf(findPythonWith('paramiko')), ['-B', '-c', PARAMIKO], {
      home: target.home,
      cwd: job.local,
      env: { CHECK_PORT: String(target.port), CHECK_KEY: target.keyFile, CHECK_REMOTE: job.remote },
    });
    await job.check();
  });

  it('lftp loses nothing', async () => {
    const job = await work();
    const ssh = programOf(findProgram('ssh'));
    const lftp = new Lftp(programOf(findProgram('lftp')), ssh, target);
    await lftp.commands(
      [`put from/large -o ${job.remote}/large`, `get ${job.remote}/large -o back/large`],
      job.local,
    );
    await job.check();
  });

  it('rclone loses nothing', async () => {
    const job = await work();
    const rclone = new Rclone(programOf(findProgram('rclone')), target);
    await rclone.work(['copy', 'from', `server:${job.remote}`], job.local);
    await rclone.work(['copy', `server:${job.remote}`, 'back'], job.local);
    await job.check();
  });
});

const PARAMIKO = `
import os, paramiko
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("127.0.0.1", port=int(os.environ["CHECK_PORT"]), username="dev",
    key_filename=os.environ["CHECK_KEY"], allow_agent=False, look_for_keys=False, timeout=10)
sftp = client.open_sftp()
sftp.put("from/large", os.environ["CHECK_REMOTE"] + "/large")
sftp.get(os.environ["CHECK_REMOTE"] + "/large", "back/large")
client.close()
`;

describe('new keys', () => {
  let server: Awaited<ReturnType<typeof startRawServer>> | undefined;
  afterEach(() => server?.stop());

  const internals = (client: Client): ClientInternals => client as unknown as ClientInternals;

  /** Makes a client deaf to the server's part of an exchange of keys. */
  function neverAnswerKeys(client: Client): void {
    const { _decipher } = internals(client)._protocol;
    const KEXINIT = 20;
    const onPayload = _decipher._onPayload;
    _decipher._onPayload = (payload) => (payload[0] === KEXINIT ? undefined : onPayload(payload));
  }

  it('are asked for after the interval, when something has moved in it', async () => {
    server = await startRawServer({ options: { rekeyInterval: 1000 } });
    const connection = await server.connect();
    let exchanges = 0;
    connection.ssh.on('handshake', () => exchanges++);
    const sftp = await connection.channel();
    await sftp.init();
    const content = seededBytes(100_000, 1);
    await putFile(sftp, '/file', content);
    const rekeyed = new Promise((resolve) => connection.ssh.once('handshake', resolve));
    await within(rekeyed, 'new keys');
    expect(sha256(await getFile(sftp, '/file'))).toBe(sha256(content));
    expect(exchanges).toBe(1);
    await connection.end();
  });

  it('a client that never answers is cut off, with what it has begun', async () => {
    const { backend, ledger } = watched(new MemoryBackend());
    const options = { rekeyBytes: MIB, keyExchangeTimeout: 300 };
    server = await startRawServer({ backend, options });
    const connection = await server.connect();
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/up', CREATE));
    neverAnswerKeys(connection.ssh);
    const gone = untilClosed(connection.ssh, 'a client that does not answer');
    const started = performance.now();
    for (let at = 0; at < 2 * MIB; at += 32_768) sftp.post(write(handle, at, Buffer.alloc(32_768)));
    await gone;
    expect(performance.now() - started).toBeGreaterThan(290);
    await ledger.until(({ aborted }) => aborted === 1, 'the abort of the upload');
    const told = server.log.filter(({ text }) => text.includes('(option keyExchangeTimeout)'));
    expect(told.map(({ level }) => level)).toEqual(['warn']);
    await serveOne(server.port);
  });

  it('a client that withholds them and asks for more gets no more into memory', async () => {
    const { backend, ledger } = watched(new MemoryBackend());
    server = await startRawServer({ backend, options: { rekeyBytes: MIB } });
    const connection = await server.connect();
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/file', Buffer.alloc(900_000));
    const handle = await sftp.handle(open('/file', FXF.READ));
    neverAnswerKeys(connection.ssh);
    const before = ledger.bytesRead;
    // A gibibyte, of which the window alone would not keep the client from.
    for (let n = 0; n < 4200; n++) sftp.post(read(handle, 0, 261_120));
    await serveOne(server.port);
    await ledger.until(({ bytesRead }) => bytesRead > before, 'the first read');
    await serveOne(server.port);
    expect(ledger.bytesRead - before).toBeLessThan(16 * MIB);
    connection.ssh.destroy();
  });

  it('that a client begins and does not finish are waited for no longer', async () => {
    server = await startRawServer({ options: { keyExchangeTimeout: 300 } });
    const connection = await server.connect();
    const { _sock } = internals(connection.ssh);
    protocolOf(connection.ssh).rekey();
    _sock.pause();
    const cut = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!server?.log.some(({ text }) => text.includes('(option keyExchangeTimeout)'))) return;
        clearInterval(timer);
        resolve();
      }, 10);
    });
    await within(cut, 'the server to cut it off');
    connection.ssh.destroy();
  });

  it('asked for in the middle leave handles, order and content as they were', async () => {
    server = await startRawServer({ options: { rekeyBytes: MIB } });
    const connection = await server.connect();
    const sftp = await connection.channel();
    await sftp.init();
    const content = seededBytes(5 * MIB, 8);
    await putFile(sftp, '/file', content);
    const handle = await sftp.handle(open('/file', FXF.READ));
    const reads: number[] = [];
    for (let at = 0; at < content.length; at += 131_072) {
      reads.push(sftp.post(read(handle, at, 131_072)));
    }
    const parts = await Promise.all(reads.map((id) => sftp.replyTo(id)));
    const data = parts.map((reply) => (reply.kind === 'DATA' ? reply.data : Buffer.alloc(0)));
    expect(sha256(Buffer.concat(data))).toBe(sha256(content));
    await sftp.ok(close(handle));
    expect(server.log.filter(({ text }) => text.endsWith(NEW_KEYS)).length).toBeGreaterThan(5);
    await connection.end();
  });
});
