import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SftpModuleOptions } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import ssh2 from 'ssh2';

import { BackendProbe } from '../support/backend-probe.js';
import { findProgram, findPythonWith, programOf } from '../support/client-tools.js';
import { sha256OfFile, writeSeeded } from '../support/fixtures.js';
import { asOptions, sshSettings } from '../support/openssh-client.js';
import { run, runOk, type RunResult } from '../support/run-program.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { startBackendServer } from '../support/test-server.js';
import { startError, testOptions } from '../server/support/nest-app.js';
import { SftpModule } from 'nestjs-sftpd';
import { within } from '../support/raw-transport.js';

jest.setTimeout(60_000);

const SIZE = 2 * 1024 * 1024 + 11;
const sftp = programOf(findProgram('sftp'));

/** What a client of 2009 can do, in OpenSSH's words of today. */
const OLD_CLIENT = [
  'KexAlgorithms=diffie-hellman-group14-sha1',
  'HostKeyAlgorithms=ssh-rsa',
  'Ciphers=aes128-cbc',
  'MACs=hmac-sha1',
  'PubkeyAcceptedAlgorithms=ssh-rsa',
];

/** Each of the above against a modern server, the rest being the client's own choice. */
const ONE_OLD_THING = OLD_CLIENT.map((setting) => [setting]);

const RSA = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });

interface Server {
  readonly target: SftpTarget;
  /** The path of a private RSA key that may log in. */
  readonly rsaKey: string;
}

async function start(options: Partial<SftpModuleOptions>): Promise<Server> {
  const backend = new MemoryBackend();
  const target = await startBackendServer(backend, new BackendProbe(backend), {
    auth: { passwords: [{ username: 'dev', authorizedKeys: [RSA.public] }] },
    ...options,
  });
  const rsaKey = join(target.home, 'rsa-key');
  await writeFile(rsaKey, RSA.private, { mode: 0o600 });
  return { target, rsaKey };
}

/** Stores a file and fetches it again by OpenSSH with further settings. */
async function transfer(
  { target, rsaKey }: Server,
  settings: readonly string[],
): Promise<RunResult> {
  // The first one of a name counts.
  const all = [...settings, 'LogLevel=INFO', ...sshSettings({ ...target, keyFile: rsaKey })];
  const args = [...asOptions(all), '-b', '-', `${target.username}@${target.host}`];
  return run(sftp, args, {
    home: target.home,
    input: 'put sent /stored\nget /stored fetched\n',
  });
}

async function transfersWell(server: Server, settings: readonly string[]): Promise<void> {
  const { home, storage } = server.target;
  const digest = await writeSeeded(join(home, 'sent'), SIZE, 9);
  const { code, stderr } = await transfer(server, settings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await storage.sha256('/stored')).toBe(digest);
  expect(await sha256OfFile(join(home, 'fetched'))).toBe(digest);
}

describe('the modern policy', () => {
  let server: Server;
  beforeAll(async () => {
    server = await start({});
    await writeSeeded(join(server.target.home, 'sent'), 10, 9);
  });
  afterAll(() => server.target.stop());

  it('serves a client of today', () => transfersWell(server, []));

  it.each([
    ...ONE_OLD_THING,
    ['KexAlgorithms=ecdh-sha2-nistp256'],
    ['KexAlgorithms=diffie-hellman-group-exchange-sha256'],
    ['HostKeyAlgorithms=ecdsa-sha2-nistp256'],
  ])('refuses one that can do no better than %s', async (setting) => {
    const cipher = setting.startsWith('MACs') ? ['Ciphers=aes128-ctr'] : [];
    const { code, stderr } = await transfer(server, [setting, ...cipher]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      setting.startsWith('Pubkey')
        ? /no mutual signature|Permission denied/
        : /no matching|No matching/,
    );
  });
});

describe('the legacy policy', () => {
  let server: Server;
  beforeAll(async () => {
    server = await start({ algorithms: 'legacy' });
  });
  afterAll(() => server.target.stop());

  it('serves a client of today, and as it would be served by modern', async () => {
    const client = new ssh2.Client();
    const negotiated = new Promise<{ kex: string; serverHostKey: string }>((resolve) => {
      client.on('handshake', resolve);
    });
    client.on('error', () => undefined);
    client.connect({ host: '127.0.0.1', port: server.target.port, username: 'nobody' });
    expect(await within(negotiated, 'the handshake')).toMatchObject({
      kex: expect.stringMatching(/^curve25519-sha256/),
      serverHostKey: 'ssh-ed25519',
    });
    client.destroy();
    await transfersWell(server, []);
  });

  it('serves a client that is old all over', () => transfersWell(server, OLD_CLIENT));

  it.each([
    'KexAlgorithms=ecdh-sha2-nistp256',
    'KexAlgorithms=ecdh-sha2-nistp384',
    'KexAlgorithms=ecdh-sha2-nistp521',
    'HostKeyAlgorithms=ecdsa-sha2-nistp256',
    'Ciphers=aes192-cbc',
    'Ciphers=aes256-cbc',
  ])('serves a client that can do no better than %s', (setting) =>
    transfersWell(server, [setting]),
  );

  it.each([
    'KexAlgorithms=diffie-hellman-group1-sha1',
    'Ciphers=3des-cbc',
    'HostKeyAlgorithms=ssh-dss',
  ])('refuses %s all the same', async (setting) => {
    const { code, stderr } = await transfer(server, [setting]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/no matching/i);
  });

  it('tells clients that it takes ssh-rsa of their keys', async () => {
    const { stderr } = await transfer(server, ['LogLevel=DEBUG1', ...OLD_CLIENT.slice(0, 4)]);
    expect(stderr).toMatch(/server-sig-algs=<.*,rsa-sha2-512,rsa-sha2-256,ssh-rsa,/);
    expect(stderr).not.toMatch(/server-sig-algs=<.*ssh-dss/);
  });

  it('serves paramiko with nothing but old algorithms', async () => {
    const { target, rsaKey } = server;
    const digest = await writeSeeded(join(target.home, 'sent'), SIZE, 10);
    await runOk(programOf(findPythonWith('paramiko')), ['-B', '-c', OLD_PARAMIKO], {
      home: target.home,
      env: { CHECK_PORT: String(target.port), CHECK_KEY: rsaKey },
    });
    expect(await target.storage.sha256('/paramiko')).toBe(digest);
    expect(await sha256OfFile(join(target.home, 'paramiko-back'))).toBe(digest);
  });
});

describe('lists of one’s own', () => {
  it('are all there is, and what they leave out is modern', async () => {
    const server = await start({
      algorithms: { cipher: ['aes256-ctr'], serverHostKey: ['ssh-rsa'] },
    });
    try {
      await transfersWell(server, ['HostKeyAlgorithms=ssh-rsa']);
      const { stderr } = await transfer(server, [
        'HostKeyAlgorithms=ssh-rsa',
        'Ciphers=aes128-ctr',
      ]);
      expect(stderr).toMatch(/no matching cipher/i);
      const other = await transfer(server, ['HostKeyAlgorithms=rsa-sha2-512,ssh-ed25519']);
      expect(other.stderr).toMatch(/no matching host key type/i);
    } finally {
      await server.target.stop();
    }
  });

  it('stop the start when a name is unknown, or when no host key fits', async () => {
    const wrong = testOptions({ algorithms: { kex: ['rot13'] } });
    expect(await startError({ imports: [SftpModule.forRoot(wrong)] })).toMatch(
      /algorithms\.kex: "rot13" is not supported\. Supported are /,
    );
    const keyless = testOptions({ algorithms: { serverHostKey: ['rsa-sha2-512'] } });
    expect(await startError({ imports: [SftpModule.forRoot(keyless)] })).toMatch(
      /hostKeys: there are keys of the type ssh-ed25519 alone/,
    );
  });
});

const OLD_PARAMIKO = `
import os, paramiko
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
class Old(paramiko.Transport):
    _preferred_kex = ("diffie-hellman-group14-sha1",)
    _preferred_keys = ("ssh-rsa",)
    _preferred_ciphers = ("aes128-cbc",)
    _preferred_macs = ("hmac-sha1",)
    _preferred_pubkeys = ("ssh-rsa",)
transport = Old(("127.0.0.1", int(os.environ["CHECK_PORT"])))
transport.connect(username="dev", pkey=paramiko.RSAKey.from_private_key_file(os.environ["CHECK_KEY"]))
sftp = paramiko.SFTPClient.from_transport(transport)
sftp.put("sent", "/paramiko")
sftp.get("/paramiko", "paramiko-back")
transport.close()
`;
