import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { SftpModule, SftpServer } from 'nestjs-sftpd';
import ssh2 from 'ssh2';

import { closeApps, portOf, startApp, testOptions } from '../server/support/nest-app.js';
import { protocolOf } from '../server/support/client-internals.js';
import { logIn } from '../server/support/log-in.js';
import { getFile, putFile } from '../support/raw-files.js';
import { seededBytes, sha256 } from '../support/fixtures.js';
import { ed25519KeyPair } from '../support/key-pair.js';
import type { RawConnection } from '../support/raw-server.js';
import { within } from '../support/raw-transport.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const CONTENT = seededBytes(200_000, 5);

interface Key {
  readonly private: string;
  readonly fingerprint: string;
}

function makeKey(): Key {
  const pair = ed25519KeyPair();
  const parsed = ssh2.utils.parseKey(pair.private);
  if (parsed instanceof Error) throw parsed;
  return { private: pair.private, fingerprint: fingerprintOf(parsed.getPublicSSH()) };
}

function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

describe('SftpServer.reloadHostKeys', () => {
  const old = makeKey();
  const fresh = makeKey();
  let directory: TempDir;
  let file: string;
  let app: INestApplicationContext;
  let server: SftpServer;
  let log: string[];

  beforeEach(async () => {
    directory = await makeTempDir();
    file = join(directory.path, 'host_key');
    await writeFile(file, old.private, { mode: 0o600 });
    log = [];
    const collect = (message: unknown): void => void log.push(String(message));
    const logger = { log: collect, warn: collect, error: collect, debug: () => undefined };
    const options = testOptions({
      hostKeys: { directory: directory.path, create: true },
      algorithms: { serverHostKey: ['ssh-ed25519', 'rsa-sha2-512'] },
    });
    app = await startApp({ imports: [SftpModule.forRoot(options)] }, logger);
    server = app.get(SftpServer);
  });
  afterEach(async () => {
    await closeApps();
    await directory.remove();
  });

  /** Logs in. @returns the connection, and the fingerprints that it sees at each exchange of keys */
  async function connect(): Promise<{ connection: RawConnection; seen: string[] }> {
    const seen: string[] = [];
    const hostVerifier = (key: Buffer): boolean => seen.push(fingerprintOf(key)) > 0;
    return { connection: await logIn({ port: portOf(app), hostVerifier }), seen };
  }

  it('gives new connections the new keys, and running ones go on with the old', async () => {
    const before = await connect();
    const sftp = await before.connection.channel();
    await sftp.init();
    await putFile(sftp, '/file', CONTENT);
    await writeFile(file, fresh.private);

    expect(await server.reloadHostKeys()).toEqual([
      { type: 'ssh-ed25519', fingerprint: fresh.fingerprint },
    ]);
    expect(log.at(-1)).toBe(`Host keys for new connections: ssh-ed25519 ${fresh.fingerprint}`);
    const after = await connect();
    expect([before.seen, after.seen]).toEqual([[old.fingerprint], [fresh.fingerprint]]);

    const rekeyed = once(before.connection.ssh, 'handshake');
    protocolOf(before.connection.ssh).rekey();
    await within(rekeyed, 'new keys');
    expect(before.seen).toEqual([old.fingerprint, old.fingerprint]);
    expect(sha256(await getFile(sftp, '/file'))).toBe(sha256(CONTENT));
    await before.connection.end();
    await after.connection.end();
  });

  it.each([
    ['is missing', () => rm(file), /hostKeys\.directory: .* holds no private key/],
    [
      'is malformed',
      () => writeFile(file, '-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n'),
      /hostKeys: .*host_key is no private key that can be read/,
    ],
    [
      'is of a type that is not allowed',
      () => writeFile(file, ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private),
      /hostKeys: there are keys of the type ecdsa-sha2-nistp256 alone/,
    ],
  ])('keeps the old keys, rejects and logs when the key %s', async (_what, spoil, message) => {
    await spoil();
    await expect(server.reloadHostKeys()).rejects.toThrow(message);
    expect(log.at(-1)).toMatch(/^The host keys stay as they were: hostKeys/);
    const { connection, seen } = await connect();
    expect(seen).toEqual([old.fingerprint]);
    await connection.end();

    await writeFile(file, fresh.private);
    await server.reloadHostKeys();
    const after = await connect();
    expect(after.seen).toEqual([fresh.fingerprint]);
    await after.connection.end();
  });

  it('waits its turn among starts and stops, and is harmless while the server is stopped', async () => {
    await writeFile(file, fresh.private);
    await Promise.all([
      server.reloadHostKeys(),
      server.stop(),
      server.reloadHostKeys(),
      server.start(),
      server.reloadHostKeys(),
    ]);
    const { connection, seen } = await connect();
    expect(seen).toEqual([fresh.fingerprint]);
    await connection.end();
    await server.stop();
    expect(await server.reloadHostKeys()).toHaveLength(1);
    expect(server.address()).toBeNull();
  });
});

it('offers an ECDSA host key where there is no other, and warns', async () => {
  const log: string[] = [];
  const warn = (message: unknown): void => void log.push(String(message));
  const ignore = (): void => undefined;
  const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private;
  const app = await startApp(
    { imports: [SftpModule.forRoot(testOptions({ hostKeys: { keys: [key] } }))] },
    { log: ignore, debug: ignore, error: ignore, warn },
  );
  const connection = await logIn({ port: portOf(app) });
  await connection.end();
  await app.close();
  expect(log).toEqual([expect.stringContaining('add an ed25519 key')]);
});
