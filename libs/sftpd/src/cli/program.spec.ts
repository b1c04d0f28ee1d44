import { CommanderError } from 'commander';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { UsageError } from './errors.js';
import { buildProgram } from './program.js';
import { usageErrorOf } from './usage-error-of.js';

let written: string;
let runs: number;

beforeEach(() => {
  written = '';
  runs = 0;
});

async function parse(...args: readonly string[]): Promise<void> {
  const program = buildProgram({
    version: '1.2.3',
    write: (text) => (written += text),
    run: () => {
      runs += 1;
      return Promise.resolve();
    },
  });
  await program.parseAsync(args, { from: 'user' });
}

async function usageError(...args: readonly string[]): Promise<string> {
  const error: unknown = await parse(...args).catch((reason: unknown) => reason);
  const told = error instanceof CommanderError ? usageErrorOf(error) : error;
  expect(told).toBeInstanceOf(UsageError);
  return (told as UsageError).message;
}

describe('a command line that can be used', () => {
  it.each([
    [['serve', './dir', '--port', '0', '--user', 'me']],
    [['serve', '--memory', '--authorized-keys', 'a', '--authorized-keys', 'b', '--json']],
    [['serve', '--s3', 'b', '--s3-prefix', 'p/', '--s3-path-style', '--s3-region', 'r']],
    [['check', './dir', '--read-only', '--atomic', '--legacy', '--verbose', '--host', '::1']],
    [['hash-password', '--argon2', '--json']],
    [['host-keys', './keys', '--types', 'rsa']],
  ])('%j runs its command', async (args) => {
    await parse(...args);
    expect(runs).toBe(1);
  });

  it.each([
    [['--help'], /^Usage: nestjs-sftpd [\s\S]*serve [\s\S]*Examples:[\s\S]*Exit codes/],
    [
      ['serve', '--help'],
      /--host <address>[\s\S]*127\.0\.0\.1[\s\S]*default:\s+2222[\s\S]*Examples:/,
    ],
    [['help', 'check'], /nestjs-sftpd-check-/],
    [['host-keys', '-h'], /ed25519,ecdsa,rsa/],
    [['--version'], /^1\.2\.3\n$/],
  ])('%j is answered on standard output', async (args, text) => {
    await expect(parse(...args)).rejects.toMatchObject({ exitCode: 0 });
    expect(written).toMatch(text);
  });
});

describe('a command line that cannot', () => {
  it.each([
    [[], /^a command is missing: serve, check, hash-password or host-keys/],
    [['sevre'], /^unknown command 'sevre' \(Did you mean serve\?\)/],
    [['serve', '--prot', '1'], /^unknown option '--prot' \(Did you mean --port\?\) \(--help lists/],
    [['serve', './dir', '--port'], /^option '--port <number>' argument missing/],
    [['serve', './dir', '--port', 'x'], /^--port must be a whole number from 0 to 65535, not "x"/],
    [['serve', './a', './b'], /^too many arguments for 'serve'/],
    [['host-keys'], /^missing required argument 'directory'/],
    [['host-keys', 'k', '--types', 'dsa'], /^--types takes ed25519, ecdsa, rsa/],
    [['hash-password', '--bcrypt', '--argon2'], /'--argon2' cannot be used with option '--bcrypt'/],
    [['hash-password', 'secret'], /^too many arguments for 'hash-password'/],
  ])('%j: one line says why', async (args, message) => {
    const told = await usageError(...args);
    expect(told).toMatch(message);
    expect(told).not.toContain('\n');
    expect(told).not.toContain('secret');
    expect([runs, written]).toEqual([0, '']);
  });

  it.each([
    [['serve', './dir', '--password', 'secret']],
    [['serve', './dir', '--password=secret']],
    [['serve', './dir', "--password=sec'ret"]],
    [['hash-password', '--password=secret']],
  ])('%j: a password has no place there, and is not repeated', async (args) => {
    const told = await usageError(...args);
    expect(told).toMatch(/^--password is no option, .*--password-file FILE/);
    expect(told).not.toMatch(/sec'?ret/);
  });

  it('does not repeat the value of an option that is mistyped', async () => {
    const told = await usageError('serve', './dir', '--pasword-file=secret');
    expect(told).toMatch(/^unknown option '--pasword-file'/);
    expect(told).not.toContain('secret');
  });
});
