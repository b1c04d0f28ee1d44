import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { ROOT } from '../smoke/child.js';
import type { RunResult } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { MAIN, recordsIn, runCli, without } from './support/cli.js';

jest.setTimeout(180_000);

let home: TempDir;

beforeAll(async () => {
  home = await makeTempDir();
  await mkdir(path.join(home.path, 'files'));
  await writeFile(path.join(home.path, 'password'), 'secret\n', { mode: 0o600 });
  await writeFile(path.join(home.path, 'two-lines'), 'secret\nmore\n', { mode: 0o600 });
  await writeFile(path.join(home.path, 'no-keys'), 'secret\n');
});

afterAll(() => home.remove());

function cli(...args: readonly string[]): Promise<RunResult> {
  return runCli(args, { home: home.path });
}

describe('a command line that cannot be used', () => {
  it.each([
    [[], /^error: a command is missing: serve/],
    [['serve'], /^error: DIRECTORY is missing: name the folder to serve, or --memory or --s3/],
    [
      ['serve', 'files', '--prot', '1'],
      /^error: unknown option '--prot' \(Did you mean --port\?\)/,
    ],
    [
      ['serve', 'files', '--port', '65536'],
      /^error: --port must be a whole number from 0 to 65535/,
    ],
    [['serve', 'files', '--memory'], /^error: DIRECTORY and --memory exclude each other/],
    [['serve', '--memory', '--s3-prefix', 'x'], /^error: --s3-prefix: give --s3 BUCKET too/],
    [['serve', '--s3', 'b', '--s3-endpoint', 'x'], /^error: --s3-endpoint must/],
    [['serve', 'files', '--password=secret'], /^error: --password is no option.*SFTP_PASSWORD/],
    [['serve', 'files'], /^error: nobody could log in: give --password-file/],
    [['check', 'files', '--user', ''], /^error: --user must be a name/],
    [['host-keys'], /^error: missing required argument 'directory'/],
    [['host-keys', 'k', '--types', 'dsa'], /^error: --types takes/],
    [['hash-password', 'secret'], /^error: too many arguments/],
  ])('%j ends with 2 and one line', async (args, message) => {
    const { code, stdout, stderr } = await cli(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).not.toContain('secret');
  });

  it('is told as JSON where that is wanted', async () => {
    const { code, stdout, stderr } = await cli('serve', 'files', '--port', 'x', '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const message = '--port must be a whole number from 0 to 65535, not "x"';
    expect(recordsIn(stderr)).toEqual([{ error: { code: 'usage', message } }]);
  });
});

describe('a server that cannot start', () => {
  const password = ['--password-file', 'password'];

  it.each([
    [['none', ...password], 'start', /^DIRECTORY \/.*none does not exist: make it$/],
    [['password', ...password], 'start', /^DIRECTORY \/.*password is not a directory$/],
    [
      ['files', '--password-file', 'none'],
      'credentials',
      /^--password-file none cannot be read \(ENOENT\): /,
    ],
    [['files', '--password-file', 'two-lines'], 'credentials', /two-lines has several lines/],
    [['files', '--authorized-keys', 'no-keys'], 'credentials', /no-keys: line 1 cannot be used/],
    [
      ['files', ...password, '--host-keys', 'password'],
      'host-keys',
      /^--host-keys: password cannot/,
    ],
  ])('%j ends with 1 and one line', async (args, errorCode, message) => {
    const { code, stdout, stderr } = await cli('serve', ...args, '--port', '0', '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(recordsIn(stderr)).toEqual([
      { error: { code: errorCode, message: expect.stringMatching(message) } },
    ]);
    expect(stderr).not.toContain('secret');
  });

  it('names the port that is in use, and adds the stack with --verbose', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String((other.address() as net.AddressInfo).port);
    const args = ['serve', '--memory', ...password, '--port', port];
    const plain = await cli(...args);
    const verbose = await cli(...args, '--verbose');
    other.close();
    expect(plain.code).toBe(1);
    expect(plain.stderr).toMatch(
      new RegExp(`^error: --port: ${port} on 127\\.0\\.0\\.1 is in use\\. [^\n]*\n$`),
    );
    expect(verbose.code).toBe(1);
    expect(verbose.stderr).toMatch(/is in use[\s\S]*\n\s+at /);
  });

  it('names the packages of S3 that are not installed', async () => {
    const packages = ['@aws-sdk/client-s3', '@aws-sdk/lib-storage'];
    const nodeArguments = without(...packages);
    const args = ['serve', '--s3', 'bucket', ...password, '--port', '0', '--json'];
    const { code, stderr } = await runCli(args, { home: home.path, nodeArguments });
    expect(code).toBe(1);
    const [{ error } = {}] = recordsIn(stderr);
    expect(error).toEqual({
      code: 'packages',
      message: expect.stringContaining(`npm install ${packages.join(' ')}`),
    });
  });

  it('loads nothing of S3 for another storage', async () => {
    const nodeArguments = without('@aws-sdk/client-s3', '@aws-sdk/lib-storage');
    const args = ['check', 'files', ...password];
    expect(await runCli(args, { home: home.path, nodeArguments })).toMatchObject({ code: 0 });
  });
});

describe('help and version', () => {
  it.each([
    [['--help'], /Usage: nestjs-sftpd [\s\S]*Examples:/],
    [['serve', '--help'], /--host <address>[\s\S]*127\.0\.0\.1[\s\S]*Examples:/],
    [['--version'], /^\d+\.\d+\.\d+\S*\n$/],
  ])('%j', async (args, text) => {
    const { code, stdout, stderr } = await cli(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
  });
});

it('is what package.json names, and begins as a program of Node does', async () => {
  const directory = path.join(ROOT, 'libs', 'sftpd');
  const manifest = await readFile(path.join(directory, 'package.json'), 'utf8');
  const { bin } = JSON.parse(manifest) as { bin: Record<string, string> };
  expect(path.join(directory, bin['nestjs-sftpd'] ?? '')).toBe(MAIN);
  expect(await readFile(MAIN, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
