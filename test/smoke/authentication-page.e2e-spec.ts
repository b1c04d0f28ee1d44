import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { fingerprint } from 'nestjs-sftpd';
import type { AnyAuthMethod } from 'ssh2';

import { tryLogIn } from '../server/support/log-in.js';
import { ed25519KeyPair } from '../support/key-pair.js';
import { Child, killChildren } from './child.js';
import { blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(60_000);

const PAGE = 'docs/reference/authentication.md';
const REFUSED = 'All configured authentication methods failed';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'authentication-page-'));
  const blocks = await blocksOf(PAGE);
  // The others are not programs but lines of one.
  const programs = blocks.filter(({ file }) => file.startsWith('two-factors.'));
  await makeProject(
    directory,
    programs.map(({ file, code }) => ({ file, code: code.replace('port: 2222', 'port: 0') })),
  );
  const { code, stdout, stderr } = await compile(directory);
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
});

afterAll(killChildren);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** The code that an authenticator app shows in a period of 30 seconds (RFC 6238, RFC 4226 section 5.3). */
function totp(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(step, 4);
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = (hash[19] ?? 0) & 0xf;
  const value = hash.readUInt32BE(offset) % 2 ** 31;
  return `${value % 10 ** 6}`.padStart(6, '0');
}

describe(`the two factors of ${PAGE}`, () => {
  const pair = ed25519KeyPair();
  const secret = randomBytes(20);
  let port: number;

  beforeAll(async () => {
    const data = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
    const app = new Child([path.join(directory, 'dist', 'two-factors.app.js')], {
      cwd: directory,
      env: { SFTP_KEY_FINGERPRINT: fingerprint(data), SFTP_TOTP_SECRET: secret.toString('hex') },
    });
    const [, printed] = await app.output(/Listening on \S+ port (\d+)/);
    port = Number(printed);
  });

  const key = (text = pair.private): AnyAuthMethod => ({
    type: 'publickey',
    username: 'anna',
    key: text,
  });
  const code = (given: string): AnyAuthMethod => ({
    type: 'keyboard-interactive',
    username: 'anna',
    prompt: (_name, _instructions, _language, _prompts, finish) => {
      finish([given]);
    },
  });

  it('let a user in by key and code, once, and by neither alone', async () => {
    const logIn = (...authHandler: AnyAuthMethod[]): Promise<string> =>
      tryLogIn({ port, username: 'anna', authHandler });
    const step = Math.floor(Date.now() / 30_000);
    const right = totp(secret, step);
    const wrong = right === '000000' ? '000001' : '000000';
    expect(await logIn(key())).toBe(REFUSED);
    expect(await logIn(code(right))).toBe(REFUSED);
    expect(await logIn(key(ed25519KeyPair().private), code(right))).toBe(REFUSED);
    expect(await logIn(key(), code(wrong))).toBe(REFUSED);
    expect(await logIn(key(), code(right))).toBe('logged in');
    expect(await logIn(key(), code(right))).toBe(REFUSED);
  });
});
