import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Child, killChildren, ROOT } from '../smoke/child.js';
import { whereUsable } from '../support/client-tools.js';
import type { RunResult } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { portOf, recordsIn, runCli, without } from './support/cli.js';
import { SFTP, sftp, SSHPASS } from './support/sftp-login.js';

jest.setTimeout(180_000);

const GATEWAY = path.join(ROOT, 'dist', 'apps', 'gateway', 'main.js');
const PASSWORD = 'pässword with spaces';
const KINDS = [
  { kind: 'scrypt', flags: [], start: '$scrypt$' },
  { kind: 'bcrypt', flags: ['--bcrypt'], start: '$2b$12$' },
  { kind: 'argon2', flags: ['--argon2'], start: '$argon2id$' },
] as const;

let home: TempDir;

beforeAll(async () => {
  home = await makeTempDir();
});

afterEach(killChildren);

afterAll(() => home.remove());

function hash(input: string, ...flags: readonly string[]): Promise<RunResult> {
  return runCli(['hash-password', ...flags], { home: home.path, input });
}

whereUsable('nestjs-sftpd hash-password', [SFTP, SSHPASS], (reasonToSkip) => {
  const test = reasonToSkip === undefined ? it : it.skip;

  test('the hashes of nestjs-sftpd hash-password let their users in', async () => {
    const users = await Promise.all(
      KINDS.map(async ({ kind, flags, start }) => {
        const { code, stdout, stderr } = await hash(`${PASSWORD}\n`, ...flags);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout.startsWith(start)).toBe(true);
        return { username: kind, passwordHash: stdout.trimEnd() };
      }),
    );
    const file = path.join(home.path, 'users.json');
    await writeFile(file, JSON.stringify(users));
    const gateway = new Child([GATEWAY], {
      cwd: home.path,
      env: { SFTP_PORT: '0', SFTP_USERS_FILE: file },
    });
    const port = await portOf(gateway);
    const login = { port, home: home.path };
    for (const { kind: user } of KINDS) {
      expect(await sftp({ ...login, user, password: PASSWORD }, 'ls')).toMatchObject({ code: 0 });
      const refused = await sftp({ ...login, user, password: `${PASSWORD}.` }, 'ls');
      expect(refused.code).not.toBe(0);
    }
  });
});

describe('nestjs-sftpd hash-password', () => {
  it('prints JSON where that is wanted', async () => {
    const { stdout } = await hash(PASSWORD, '--json');
    expect(recordsIn(stdout)).toEqual([
      { kind: 'scrypt', hash: expect.stringMatching(/^\$scrypt\$/) },
    ]);
  });

  it.each([
    ['', /^error: standard input holds no password/],
    ['\n', /^error: standard input holds no password/],
    ['secret\nsecret\n', /^error: standard input has several lines/],
  ])('hashes no %j, and does not repeat it', async (input, message) => {
    const { code, stdout, stderr } = await hash(input);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret');
  });

  it('hashes by bcrypt nothing that bcrypt would not look at', async () => {
    expect(await hash('x'.repeat(72), '--bcrypt')).toMatchObject({ code: 0 });
    const { code, stderr } = await hash('x'.repeat(73), '--bcrypt');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: --bcrypt: [^\n]*72 bytes[^\n]*\n$/);
  });

  it.each(['bcrypt', 'argon2'])('names the package %s that is not installed', async (name) => {
    const nodeArguments = without(name);
    const options = { home: home.path, input: 'secret', nodeArguments };
    const { code, stderr } = await runCli(['hash-password', `--${name}`, '--json'], options);
    expect(code).toBe(1);
    expect(recordsIn(stderr)).toEqual([
      {
        error: {
          code: 'packages',
          message: `The password hash of the option --${name} needs ${name}: install with \`npm install ${name}\``,
        },
      },
    ]);
  });
});
