import { text } from 'node:stream/consumers';

import { parsePasswordHash } from '../auth/passwords/password-hash.js';
import { CliError, EXIT_CODES, type ExitCode } from './errors.js';
import { type HashKind, makeHash } from './hash-kinds.js';
import { hiddenPrompt, isTerminal } from './hidden-prompt.js';
import type { Output } from './output.js';
import { onlyLine } from './text-file.js';

/** The options of `hash-password`. */
export interface HashPasswordFlags {
  readonly bcrypt?: boolean;
  readonly argon2?: boolean;
}

/**
 * The command `hash-password`: prints the hash of a password, and nothing else.
 *
 * @throws CliError `credentials`, `cancelled` or `packages`
 */
export async function hashPasswordCommand(
  { bcrypt = false, argon2 = false }: HashPasswordFlags,
  output: Output,
): Promise<ExitCode> {
  const kind: HashKind = bcrypt ? 'bcrypt' : argon2 ? 'argon2' : 'scrypt';
  const hash = await makeHash(kind, await readPassword());
  // Nothing is printed that the library would not take.
  parsePasswordHash(hash);
  output.line(hash, { kind, hash });
  return EXIT_CODES.ok;
}

async function readPassword(): Promise<string> {
  if (!isTerminal()) return onlyLine(await text(process.stdin), 'standard input');
  const password = await hiddenPrompt('Password:');
  if (password === '') throw new CliError('credentials', 'the password must not be empty');
  if ((await hiddenPrompt('The same once more:')) !== password) {
    throw new CliError('credentials', 'the two passwords are not the same: try again');
  }
  return password;
}
