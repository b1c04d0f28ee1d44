import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SftpPublicKey } from 'nestjs-sftpd';
import ssh2, { type Client, type ParsedKey } from 'ssh2';

import { findProgram } from '../support/client-tools.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { run, runOk, type RunResult } from '../support/run-program.js';
import { within } from '../support/raw-transport.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { replaceKeyRequest } from './support/client-internals.js';
import { attempt, serveOne, tryLogIn, untilClosed } from './support/log-in.js';
import { ed25519KeyPair } from '../support/key-pair.js';

const REFUSED = 'All configured authentication methods failed';

function makeKey(
  type: 'ed25519' | 'ecdsa' | 'rsa',
  bits?: number,
): { text: string; key: ParsedKey } {
  const pair =
    type === 'ed25519'
      ? ed25519KeyPair()
      : ssh2.utils.generateKeyPairSync(type, { bits: bits ?? 2048 });
  const key = ssh2.utils.parseKey(pair.private);
  if (key instanceof Error) throw key;
  return { text: pair.private, key };
}

const KEYS = {
  ed25519: makeKey('ed25519'),
  'ecdsa-256': makeKey('ecdsa', 256),
  'ecdsa-384': makeKey('ecdsa', 384),
  'ecdsa-521': makeKey('ecdsa', 521),
  rsa: makeKey('rsa'),
};
const STRANGER = makeKey('ed25519');

let server: RawServer;
let asked: { username: string; key: SftpPublicKey }[] = [];
let directory: TempDir;

beforeAll(async () => {
  directory = await makeTempDir();
  const known = Object.values(KEYS).map(({ key }) => key.getPublicSSH());
  server = await startRawServer({
    options: {
      auth: {
        authenticatePassword: (_username, password) => password === 'dev',
        authorizePublicKey: (username, key) => {
          asked.push({ username, key });
          return known.some((data) => data.equals(key.data));
        },
      },
    },
  });
});

afterEach(async () => {
  await serveOne(server.port);
  asked = [];
});

afterAll(async () => {
  await server.stop();
  await directory.remove();
});

const byKey = (text: string, prepare?: (client: Client) => void): Promise<string> =>
  tryLogIn({ port: server.port, privateKey: text }, prepare);

/** Signs with this key and hash, under the name of that algorithm. */
function signing(algorithm: string, sign: (data: Buffer) => Buffer | Error) {
  return (client: Client): void =>
    replaceKeyRequest(client, (original) => (username, key, _algorithm, answer) => {
      const forged =
        answer &&
        ((data: Buffer, done: (signature: Buffer) => void) => {
          const signature = sign(data);
          if (signature instanceof Error) throw signature;
          done(signature);
        });
      original(username, key, algorithm, forged);
    });
}

describe('log-in by public key', () => {
  it.each(['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521'] as const)('%s', async (name) => {
    const { text, key } = KEYS[name];
    expect(await byKey(text)).toBe('logged in');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ username: 'dev', key: { type: key.type } });
    expect(asked[0]?.key.data.equals(key.getPublicSSH())).toBe(true);
    expect(asked[0]?.key.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });

  it.each(['256', '512'])('rsa with rsa-sha2-%s', async (bits) => {
    const { text, key } = KEYS.rsa;
    const sign = (data: Buffer): Buffer | Error => key.sign(data, `sha${bits}`);
    expect(await byKey(text, signing(`rsa-sha2-${bits}`, sign))).toBe('logged in');
    expect(asked[0]?.key.type).toBe('ssh-rsa');
  });

  it('rsa with SHA-1 is refused, and the authenticator is not asked', async () => {
    const { text, key } = KEYS.rsa;
    const sign = (data: Buffer): Buffer | Error => key.sign(data, 'sha1');
    expect(await byKey(text, signing('ssh-rsa', sign))).toBe(REFUSED);
    expect(await byKey(text, signing('rsa-sha2-256', sign))).toBe(REFUSED);
    expect(asked).toEqual([]);
  });

  it('a stranger is refused after the authenticator was asked', async () => {
    expect(await byKey(STRANGER.text)).toBe(REFUSED);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, (data: Buffer) => Buffer | Error]>([
    ['of another key', (data) => STRANGER.key.sign(data)],
    ['of other bytes', (data) => KEYS.ed25519.key.sign(Buffer.concat([data, Buffer.of(0)]))],
    ['of zeros', () => Buffer.alloc(64)],
    ['too short', () => Buffer.alloc(3)],
    ['empty', () => Buffer.alloc(0)],
  ])('a signature %s is refused, and the authenticator is not asked', async (_title, sign) => {
    expect(await byKey(KEYS.ed25519.text, signing('ssh-ed25519', sign))).not.toBe('logged in');
    expect(asked).toEqual([]);
  });

  it('a key that is offered under the name of another kind is refused', async () => {
    const sign = (data: Buffer): Buffer | Error => KEYS.ed25519.key.sign(data);
    const outcomes: string[] = [];
    for (const algorithm of ['ecdsa-sha2-nistp256', 'rsa-sha2-256', 'ssh-dss', 'nonsense']) {
      outcomes.push(`${algorithm} ${await byKey(KEYS.ed25519.text, signing(algorithm, sign))}`);
    }
    expect(outcomes.filter((outcome) => outcome.endsWith('logged in'))).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('a query alone is no log-in: no question to the authenticator, nothing in the log', async () => {
    const before = server.log.length;
    let answered = (): void => undefined;
    const queried = new Promise<void>((resolve) => (answered = resolve));
    const { client } = attempt({ port: server.port, privateKey: KEYS.ed25519.text }, (started) => {
      replaceKeyRequest(started, (original) => (username, key, algorithm, sign) => {
        // A signature is wanted once the server has said that the key will do.
        if (sign) answered();
        else original(username, key, algorithm);
      });
    });
    await within(queried, 'the answer to a query');
    const closed = untilClosed(client, 'the client that has only asked');
    client.destroy();
    await closed;
    expect(asked).toEqual([]);
    const lines = server.log.slice(before).filter(({ level }) => level !== 'debug');
    // Each connection has a line at its end, that of the test before perhaps only now.
    expect(lines.filter(({ text }) => !text.includes('] Closed after'))).toEqual([]);
  });
});

const itWithSsh = findProgram('ssh').usable && findProgram('ssh-keygen').usable ? it : it.skip;

itWithSsh('ssh: a certificate is refused cleanly, and the plain key then works', async () => {
  const home = directory.path;
  const options = { home };
  const key = join(home, 'user');
  await writeFile(key, KEYS.ed25519.text, { mode: 0o600 });
  await writeFile(
    `${key}.pub`,
    `ssh-ed25519 ${KEYS.ed25519.key.getPublicSSH().toString('base64')} user\n`,
  );
  await runOk('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'ca')], options);
  await runOk(
    'ssh-keygen',
    ['-q', '-s', join(home, 'ca'), '-I', 'someone', '-n', 'dev', `${key}.pub`],
    options,
  );
  const log = (algorithms: string): Promise<RunResult> =>
    run(
      'ssh',
      [
        ...['-F', 'none', '-v', '-p', String(server.port), '-i', key],
        ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
        ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
        ...['-o', `PubkeyAcceptedAlgorithms=${algorithms}`, '-s', 'dev@127.0.0.1', 'sftp'],
      ],
      options,
    );
  const refused = await log('ssh-ed25519-cert-v01@openssh.com');
  expect(refused.stderr).toMatch(/Offering public key: .*CERT/);
  expect(refused.stderr).toContain('Permission denied');
  expect(asked).toEqual([]);
  const welcome = await log('ssh-ed25519');
  expect(welcome.stderr).toContain('Authenticated to 127.0.0.1');
  expect(asked.map(({ key: { type } }) => type)).toEqual(['ssh-ed25519']);
});

itWithSsh.each(['rsa-sha2-256', 'rsa-sha2-512'])('ssh: an RSA key with %s alone', async (name) => {
  const key = join(directory.path, name);
  await writeFile(key, KEYS.rsa.text, { mode: 0o600 });
  const { stderr } = await run(
    'ssh',
    [
      ...['-F', 'none', '-v', '-p', String(server.port), '-i', key],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
      ...['-o', `PubkeyAcceptedAlgorithms=${name}`, '-s', 'dev@127.0.0.1', 'sftp'],
    ],
    { home: directory.path },
  );
  expect(stderr).toContain('Authenticated to 127.0.0.1');
});
