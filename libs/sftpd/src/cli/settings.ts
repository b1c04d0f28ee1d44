import { homedir, userInfo } from 'node:os';
import path from 'node:path';

import { isUserName } from '../server/authentication/user-name.js';
import { UsageError } from './errors.js';
import { readStorage, type Storage } from './storage.js';

/** The options of `serve` and `check` as they stand on the command line. */
export interface ServeFlags {
  readonly memory?: boolean;
  readonly s3?: string;
  readonly s3Prefix?: string;
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
  readonly s3PathStyle?: boolean;
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly authorizedKeys?: readonly string[];
  readonly readOnly?: boolean;
  readonly hostKeys?: string;
  readonly atomic?: boolean;
  readonly legacy?: boolean;
}

/** What is to be served, how and to whom. */
export interface ServeSettings {
  readonly storage: Storage;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly passwordFile: string | undefined;
  readonly authorizedKeys: readonly string[];
  readonly readOnly: boolean;
  /** The directory of the host keys. */
  readonly hostKeys: string;
  readonly algorithms: 'modern' | 'legacy';
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws UsageError that names the option and the fix
 */
export function readSettings(
  directory: string | undefined,
  flags: ServeFlags,
  env: NodeJS.ProcessEnv,
): ServeSettings {
  for (const [option, value] of [
    ['--host', flags.host],
    ['--password-file', flags.passwordFile],
    ['--host-keys', flags.hostKeys],
    ...(flags.authorizedKeys ?? []).map((file) => ['--authorized-keys', file] as const),
  ] as const) {
    if (value === '') throw new UsageError(`${option} is empty: give a value, or leave it out`);
  }
  return {
    storage: readStorage(directory, flags),
    host: flags.host,
    port: flags.port,
    user: readUser(flags.user),
    passwordFile: flags.passwordFile,
    authorizedKeys: flags.authorizedKeys ?? [],
    readOnly: flags.readOnly ?? false,
    hostKeys: flags.hostKeys ?? defaultHostKeyDirectory(env),
    algorithms: flags.legacy ? 'legacy' : 'modern',
  };
}

/**
 * Where the host keys are when nobody says: below the user's own configuration directory, so that clients find the
 * server as they know it. A relative `XDG_CONFIG_HOME` does not count (XDG Base Directory Specification).
 */
export function defaultHostKeyDirectory(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME = '' } = env;
  const base = path.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : path.join(homedir(), '.config');
  return path.join(base, 'nestjs-sftpd', 'host-keys');
}

function readUser(given: string | undefined): string {
  const user = given ?? ownName();
  if (!isUserName(user) || /\p{Cc}/u.test(user)) {
    throw new UsageError(
      '--user must be a name of at most 1024 bytes, not empty and without control characters',
    );
  }
  return user;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // As in a container whose user is a number alone.
    throw new UsageError('--user is missing: whoever runs this has no name of their own', {
      cause: error,
    });
  }
}
