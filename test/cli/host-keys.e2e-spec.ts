import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { runOk, type RunResult } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { recordsIn, runCli } from './support/cli.js';

jest.setTimeout(180_000);

const KEYGEN = findProgram('ssh-keygen');
const NAMES = ['ssh_host_ecdsa_key', 'ssh_host_ed25519_key', 'ssh_host_rsa_key'];

let home: TempDir;
let directory: string;

beforeEach(async () => {
  home = await makeTempDir();
  directory = path.join(home.path, 'deep', 'keys');
});

afterEach(() => home.remove());

function hostKeys(...args: readonly string[]): Promise<RunResult> {
  return runCli(['host-keys', directory, ...args], { home: home.path });
}

async function fingerprintOf(file: string): Promise<string> {
  const { stdout } = await runOk(programOf(KEYGEN), ['-lf', file], { home: home.path });
  return stdout.split(' ')[1] ?? '';
}

async function contents(): Promise<Record<string, string>> {
  const entries = (await readdir(directory)).map(async (name) => {
    return [name, await readFile(path.join(directory, name), 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

whereUsable('nestjs-sftpd host-keys', [KEYGEN], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('nestjs-sftpd host-keys', () => {
    it('makes the keys of a directory, and tells what ssh-keygen tells of them', async () => {
      const { code, stdout, stderr } = await hostKeys();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const types = ['ecdsa-sha2-nistp256', 'ssh-ed25519', 'ssh-rsa'];
      const files = NAMES.map((name) => path.join(directory, name));
      const prints = await Promise.all(files.map(fingerprintOf));
      expect(stdout.trimEnd().split('\n')).toEqual(
        files.map((file, index) => `made ${types[index]} ${file} ${prints[index]}`),
      );
      for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    });

    it('makes what is missing, and keeps what is there', async () => {
      expect(await hostKeys('--types', 'ed25519')).toMatchObject({ code: 0 });
      const before = await contents();
      expect(Object.keys(before)).toHaveLength(2);
      const { stdout } = await hostKeys('--types', 'rsa,ed25519', '--json');
      expect(recordsIn(stdout)).toEqual([
        {
          type: 'ssh-ed25519',
          file: path.join(directory, 'ssh_host_ed25519_key'),
          fingerprint: await fingerprintOf(path.join(directory, 'ssh_host_ed25519_key')),
          made: false,
        },
        expect.objectContaining({ type: 'ssh-rsa', made: true }),
      ]);
      expect(await contents()).toMatchObject(before);
    });

    it('counts a key of the type under any name', async () => {
      await hostKeys('--types', 'ed25519');
      const key = path.join(directory, 'ssh_host_ed25519_key');
      await writeFile(path.join(directory, 'mine'), await readFile(key), { mode: 0o600 });
      await rm(key);
      const { stdout } = await hostKeys('--types', 'ed25519');
      expect(stdout).toMatch(/^kept ssh-ed25519 \S+mine SHA256:\S+\n$/);
    });

    it.each(['ssh_host_rsa_key', 'ssh_host_rsa_key.pub'])(
      'overwrites no %s that is none, and makes nothing then',
      async (name) => {
        await hostKeys('--types', 'ed25519');
        await writeFile(path.join(directory, name), 'mine');
        const before = await contents();
        const { code, stdout, stderr } = await hostKeys();
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(
          new RegExp(`^error: \\S+/${name} is there and .*move it away[^\n]*\n$`),
        );
        expect(await contents()).toEqual(before);
      },
    );

    it('names a key that cannot be read', async () => {
      await hostKeys('--types', 'ed25519');
      const file = path.join(directory, 'ssh_host_ed25519_key');
      await writeFile(file, '-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n');
      const { code, stderr } = await hostKeys('--json');
      expect(code).toBe(1);
      expect(recordsIn(stderr).at(-1)).toEqual({
        error: { code: 'host-keys', message: expect.stringContaining(file) },
      });
    });
  });
});
