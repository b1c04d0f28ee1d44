import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { ed25519KeyPair } from '../support/key-pair.js';
import type { RunResult } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { recordsIn, runCli } from './support/cli.js';

jest.setTimeout(180_000);

let home: TempDir;

beforeAll(async () => {
  home = await makeTempDir();
  await mkdir(path.join(home.path, 'files'));
  await writeFile(path.join(home.path, 'files', 'there'), 'x');
  await writeFile(path.join(home.path, 'password'), 'secret\n', { mode: 0o600 });
  await writeFile(path.join(home.path, 'keys'), `${ed25519KeyPair().public}\nnonsense\n`);
  await writeFile(path.join(home.path, 'no-keys'), 'nonsense\n');
});

afterAll(() => home.remove());

function check(...args: readonly string[]): Promise<RunResult> {
  return runCli(['check', '--user', 'me', ...args], { home: home.path });
}

function linesOf({ stdout }: RunResult): string[] {
  return stdout.trimEnd().split('\n');
}

/** A directory in which nobody who runs the tests may write, root included. */
async function unwritable(): Promise<string> {
  if (process.getuid?.() === 0) return '/sys/kernel';
  const directory = path.join(home.path, 'unwritable');
  await mkdir(directory);
  await chmod(directory, 0o555);
  return directory;
}

describe('nestjs-sftpd check', () => {
  it('finds all well, one line for each thing, and leaves nothing behind', async () => {
    const hostKeys = path.join(home.path, 'good-keys');
    await runCli(['host-keys', hostKeys, '--types', 'ed25519'], { home: home.path });
    const args = [
      '--password-file',
      'password',
      '--authorized-keys',
      'keys',
      '--host-keys',
      hostKeys,
    ];
    const result = await check('files', ...args);
    expect(linesOf(result)).toEqual([
      'ok log-in: me, by the password of password',
      'ok authorized keys: keys has one key',
      expect.stringMatching(/^ok host keys: ssh-ed25519 SHA256:\S+$/),
      'ok storage: the folder files',
      'ok list: the root can be listed',
      expect.stringMatching(/^ok write: nestjs-sftpd-check-\w+\.tmp was written, read back/),
    ]);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/^warning: keys: line 2 cannot be used: [^\n]+\n$/);
    expect(await readdir(path.join(home.path, 'files'))).toEqual(['there']);
  });

  it.each([
    ['an atomic folder', ['files', '--atomic']],
    ['memory', ['--memory']],
  ])('finds %s well, and makes no host keys', async (_what, args) => {
    const hostKeys = path.join(home.path, 'not-yet', 'keys');
    const result = await check(...args, '--password-file', 'password', '--host-keys', hostKeys);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain(`ok host keys: will be made in ${hostKeys}\n`);
    expect(await readdir(home.path)).not.toContain('not-yet');
  });

  it('finds a directory that is missing, and looks at the rest nevertheless', async () => {
    const result = await check('none', '--password-file', 'password');
    expect(result.code).toBe(1);
    expect(linesOf(result)).toEqual([
      'ok log-in: me, by the password of password',
      expect.stringMatching(/^ok host keys: /),
      expect.stringMatching(/^failed storage: DIRECTORY \S+none does not exist: make it$/),
    ]);
  });

  it('finds a directory that cannot be written to, unless nobody is to write there', async () => {
    const directory = await unwritable();
    const args = [directory, '--password-file', 'password', '--json'];
    const result = await check(...args);
    expect(result.code).toBe(1);
    expect(recordsIn(result.stdout).at(-1)).toEqual({
      check: 'write',
      ok: false,
      reason: expect.stringMatching(/ cannot be written to \([^)]+\): .*or give --read-only$/),
    });
    const readOnly = await check(...args, '--read-only');
    expect(readOnly.code).toBe(0);
    expect(recordsIn(readOnly.stdout).at(-1)).toMatchObject({ check: 'list', ok: true });
  });

  it.each([
    ['no-keys', /^failed authorized keys: .*no-keys: line 1 cannot be used/],
    ['none', /^failed authorized keys: --authorized-keys none cannot be read/],
  ])('finds a bad key file: %s', async (file, line) => {
    const result = await check('files', '--authorized-keys', file);
    expect(result.code).toBe(1);
    expect(linesOf(result)).toContainEqual(expect.stringMatching(line));
  });

  it('finds that nobody could log in', async () => {
    const result = await check('files');
    expect(result.code).toBe(1);
    expect(linesOf(result)[0]).toMatch(/^failed log-in: nobody could log in: give --password-file/);
  });

  it('finds a host key that is broken', async () => {
    const hostKeys = path.join(home.path, 'broken-keys');
    await mkdir(hostKeys);
    const key = path.join(hostKeys, 'ssh_host_rsa_key');
    await writeFile(key, '-----BEGIN RSA PRIVATE KEY-----\nnonsense\n', { mode: 0o600 });
    const result = await check('files', '--password-file', 'password', '--host-keys', hostKeys);
    expect(result.code).toBe(1);
    expect(linesOf(result)[1]).toMatch(/^failed host keys: --host-keys: \S+ssh_host_rsa_key is no/);
  });

  it('tells no secret, not even with all it can say', async () => {
    const args = ['files', '--password-file', 'password', '--verbose', '--json'];
    const { stdout, stderr } = await check(...args);
    expect(stdout + stderr).not.toContain('secret');
  });
});
