import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { tryLogIn } from '../server/support/log-in.js';
import { ed25519KeyPair } from '../support/key-pair.js';
import { Child, killChildren, ROOT } from './child.js';

jest.setTimeout(60_000);

const MAIN = path.join(ROOT, 'dist', 'apps', 'gateway', 'main.js');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gateway-reload-'));
});
afterEach(killChildren);
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The host key that a new connection is shown, and whether it could log in. */
async function connect(port: number): Promise<{ key: string; outcome: string }> {
  let key = '';
  const hostVerifier = (shown: Buffer): boolean => (key = shown.toString('base64')) !== '';
  const outcome = await tryLogIn({ port, password: 'dev', hostVerifier });
  return { key, outcome };
}

const publicPart = (line: string): string => line.split(' ')[1] ?? '';

describe('the built gateway on SIGHUP', () => {
  it('takes new host keys, keeps them when the next are no good, and ends in order', async () => {
    const keys = path.join(directory, 'host-keys');
    const file = path.join(keys, 'key');
    const [first, second] = [ed25519KeyPair(), ed25519KeyPair()];
    await mkdir(keys, { mode: 0o700 });
    await writeFile(file, first.private, { mode: 0o600 });
    const child = new Child([MAIN], {
      cwd: directory,
      env: { SFTP_PORT: '0', SFTP_HOST_KEY_DIR: keys },
    });
    const port = Number((await child.output(/^SFTP server listening on \S+:(\d+)$/m))[1]);
    expect(await connect(port)).toEqual({ key: publicPart(first.public), outcome: 'logged in' });

    await writeFile(file, second.private);
    child.kill('SIGHUP');
    await child.output(/Host keys for new connections: ssh-ed25519 SHA256:\S+\n/);
    expect(await connect(port)).toEqual({ key: publicPart(second.public), outcome: 'logged in' });

    const content = await readFile(file, 'utf8');
    await writeFile(file, content.slice(0, 100));
    child.kill('SIGHUP');
    await child.outputOnError(/The host keys stay as they were: hostKeys: \S+ is no private key/);
    expect(await connect(port)).toEqual({ key: publicPart(second.public), outcome: 'logged in' });

    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
  });
});
