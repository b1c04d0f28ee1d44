import type { PasswordUser } from '../auth/static-users.js';
import { CliError, UsageError } from './errors.js';
import { readKeyFile } from './key-file.js';
import type { ServeSettings } from './settings.js';
import { onlyLine, readTextFile } from './text-file.js';

/** What says how the user may log in. */
export type CredentialSettings = Pick<ServeSettings, 'user' | 'passwordFile' | 'authorizedKeys'>;

/** Where the password comes from; `none` where there are keys and no password. */
export type PasswordSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'environment'; readonly password: string }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'none' };

/** What credentials are read with. */
export interface CredentialParts {
  readonly env: NodeJS.ProcessEnv;
  /** Whether somebody can be asked. */
  readonly terminal: boolean;
  /** Asks for a text that nobody sees. */
  readonly ask: (question: string) => Promise<string>;
  readonly warn: (message: string) => void;
}

/**
 * Where the password comes from: the file before the environment, and a terminal is asked only where there is no other
 * way to log in.
 *
 * @throws UsageError when nobody could log in
 */
export function passwordSource(
  { passwordFile, authorizedKeys }: CredentialSettings,
  { env, terminal }: Pick<CredentialParts, 'env' | 'terminal'>,
): PasswordSource {
  const { SFTP_PASSWORD: password } = env;
  if (passwordFile !== undefined) return { kind: 'file', file: passwordFile };
  if (password === '') {
    throw new UsageError('SFTP_PASSWORD is empty: set it to the password, or unset it');
  }
  if (password !== undefined) return { kind: 'environment', password };
  if (authorizedKeys.length > 0) return { kind: 'none' };
  if (terminal) return { kind: 'prompt' };
  throw new UsageError(
    'nobody could log in: give --password-file FILE, --authorized-keys FILE or the variable SFTP_PASSWORD, or run it ' +
      'in a terminal to be asked for a password',
  );
}

/**
 * The one user that may log in, with all that opens the account.
 *
 * @throws UsageError, CliError `credentials`, CliError `cancelled`
 */
export async function readUser(
  settings: CredentialSettings,
  parts: CredentialParts,
): Promise<PasswordUser> {
  const source = passwordSource(settings, parts);
  const authorizedKeys: string[] = [];
  for (const file of settings.authorizedKeys) {
    const { lines, warnings } = await readKeyFile(file);
    for (const warning of warnings) parts.warn(warning);
    authorizedKeys.push(...lines);
  }
  const password = await readPassword(source, settings.user, parts);
  return {
    username: settings.user,
    ...(password !== undefined && { password }),
    authorizedKeys,
  };
}

/**
 * The password of a file.
 *
 * @param warn told when others can read it
 * @throws CliError `credentials`
 */
export async function readPasswordFile(
  file: string,
  warn: CredentialParts['warn'],
): Promise<string> {
  const { text, isOpenToOthers } = await readTextFile('--password-file', file);
  if (isOpenToOthers) warn(`--password-file ${file} can be read by others: chmod 600 it`);
  return onlyLine(text, `--password-file ${file}`);
}

async function readPassword(
  source: PasswordSource,
  user: string,
  { ask, warn }: CredentialParts,
): Promise<string | undefined> {
  switch (source.kind) {
    case 'file':
      return readPasswordFile(source.file, warn);
    case 'environment':
      return source.password;
    case 'prompt': {
      const password = await ask(`Password for ${user}:`);
      if (password === '') throw new CliError('credentials', 'the password must not be empty');
      return password;
    }
    case 'none':
      return undefined;
  }
}
