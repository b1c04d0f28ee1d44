import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { PasswordUser } from 'nestjs-sftpd';
import { type IngestionConfig, readIngestion } from './ingestion/ingestion-config.js';
import { keyFileOf } from './key-file.js';
import { ConfigurationError, quote } from './problems.js';
import { readStorage, type Storage } from './storage.js';
import { readTrustedProxies } from './trusted-proxies.js';
import { parseUsersFile } from './users-file.js';
import { nearestName, VARIABLES } from './variable-names.js';
import { type Environment, Variables } from './variables.js';

/** How log lines are written. */
export type LogFormat = 'text' | 'json';

/** The least important lines that are still logged. */
export type LogThreshold = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'verbose';

/** What the environment asks for: every value checked, every default filled in. Times are milliseconds. */
export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  /** Of health and metrics; nothing when they are not served. */
  readonly httpPort: number | undefined;
  readonly hostKeyDirectory: string;
  readonly users: readonly PasswordUser[];
  readonly storage: Storage;
  /** Balancers that tell by the PROXY protocol who comes through them. */
  readonly trustedProxies: readonly string[];
  readonly maxSessions: number;
  readonly maxSessionsPerAddress: number;
  readonly loginTimeout: number;
  readonly idleTimeout: number;
  readonly drainTimeout: number;
  /** Processes that share the port; 1: there is only this one. */
  readonly workers: number;
  /** Nothing when uploads are not queued. */
  readonly ingestion: IngestionConfig | undefined;
  readonly logFormat: LogFormat;
  readonly logLevel: LogThreshold;
  /** What the operator should know but what does not prevent the start, one line each. */
  readonly warnings: readonly string[];
}

/** Gives the text of a file, or throws as `node:fs` does. */
export type ReadFile = (path: string) => string;

const SESSION_COUNT = { least: 1, most: 1_000_000 };
const DEFAULT_PASSWORD = 'dev';

/**
 * Reads the gateway's configuration from environment variables.
 *
 * @param env the variables; an empty one is the same as none, but for `SFTP_PASSWORD`
 * @param readFile reads `SFTP_USERS_FILE` and `SFTP_AUTHORIZED_KEYS`
 * @default readFile reads from the disk
 * @throws ConfigurationError with every problem that was found
 */
export function readEnvironment(
  env: Environment,
  readFile: ReadFile = (path) => readFileSync(path, 'utf8'),
): GatewayConfig {
  const variables = new Variables(env);
  const { problems } = variables;
  const warnings: string[] = [];

  problems.push(...nameProblems(env));
  const host = readHost(variables);
  const port = variables.integer('SFTP_PORT', 2222, { least: 0, most: 65_535 });
  const users = readUsers(variables, env, host, readFile, warnings);
  const storage = readStorage(variables, warnings);
  const config: GatewayConfig = {
    host,
    port,
    httpPort: readHttpPort(variables),
    hostKeyDirectory: variables.text('SFTP_HOST_KEY_DIR') ?? './.sftpd/host-keys',
    users,
    storage,
    trustedProxies: readTrustedProxies(variables),
    maxSessions: variables.integer('SFTP_MAX_CONNECTIONS', 1000, SESSION_COUNT),
    maxSessionsPerAddress: variables.integer('SFTP_MAX_CONNECTIONS_PER_IP', 100, SESSION_COUNT),
    loginTimeout: variables.duration('SFTP_LOGIN_TIMEOUT', 30_000, 1),
    idleTimeout: variables.duration('SFTP_IDLE_TIMEOUT', 900_000, 1),
    drainTimeout: variables.duration('SFTP_DRAIN_TIMEOUT', 10_000, 0),
    workers: readWorkers(variables, storage),
    ingestion: readIngestion(variables, storage, warnings),
    logFormat: variables.oneOf('LOG_FORMAT', ['text', 'json'], 'text'),
    logLevel: variables.oneOf(
      'LOG_LEVEL',
      ['fatal', 'error', 'warn', 'info', 'debug', 'verbose'],
      'info',
    ),
    warnings,
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return config;
}

/** Variables that look like the gateway's but are not. */
function nameProblems(env: Environment): string[] {
  const problems: string[] = [];
  const known: readonly string[] = VARIABLES;
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || known.includes(name)) continue;
    if (/^(SFTP|S3)_/.test(name)) {
      const nearest = nearestName(name);
      const hint = nearest === undefined ? 'unset it' : `did you mean ${nearest}?`;
      problems.push(`${name} is not a variable of this gateway: ${hint}`);
    }
  }
  return problems;
}

function readWorkers(variables: Variables, storage: Storage): number {
  const workers = variables.integer('SFTP_WORKERS', 1, { least: 1, most: 64 });
  if (workers > 1 && storage.kind === 'memory') {
    variables.problems.push(
      `SFTP_WORKERS is ${workers}, but each worker would have files of its own in memory: set SFTP_BACKEND to folder or s3, or SFTP_WORKERS to 1`,
    );
  }
  return workers;
}

function readHost(variables: Variables): string {
  const host = variables.text('SFTP_HOST') ?? '127.0.0.1';
  const [address = '', zone] = host.split('%', 2);
  const isAddress = isIP(address) === 6 || (isIP(address) === 4 && zone === undefined);
  const isName =
    /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;
  // A name of digits and dots alone is a mistyped address, which the resolver would puzzle over.
  if (isAddress || (isName.test(host) && !/^[\d.]+$/.test(host))) return host;
  variables.problems.push(
    `SFTP_HOST must be an IP address (an IPv6 one without brackets) or a host name, not ${quote(host)}`,
  );
  return host;
}

function readHttpPort(variables: Variables): number | undefined {
  if (variables.text('HTTP_PORT') === undefined) return undefined;
  return variables.integer('HTTP_PORT', 0, { least: 0, most: 65_535 });
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/i.test(host);
}

function readUsers(
  variables: Variables,
  env: Environment,
  host: string,
  readFile: ReadFile,
  warnings: string[],
): PasswordUser[] {
  const { problems } = variables;
  const usersFile = variables.text('SFTP_USERS_FILE');
  if (usersFile !== undefined) {
    for (const name of ['SFTP_USER', 'SFTP_PASSWORD', 'SFTP_AUTHORIZED_KEYS'] as const) {
      if (variables.text(name) === undefined) continue;
      problems.push(`${name} has no place beside SFTP_USERS_FILE, which replaces the static user`);
    }
    const called = `SFTP_USERS_FILE ${usersFile}`;
    return parsedFile(usersFile, called, readFile, parseUsersFile, problems) ?? [];
  }

  if (env.SFTP_PASSWORD === '') {
    // Neither a log-in without a password nor the well-known one is what whoever wrote this wanted.
    problems.push('SFTP_PASSWORD is empty: give a password, or unset it for the default one');
  }
  const password = variables.text('SFTP_PASSWORD') ?? DEFAULT_PASSWORD;
  if (password === DEFAULT_PASSWORD && !isLoopback(host)) {
    warnings.push(
      `The default password stands while the server listens on ${host}: set SFTP_PASSWORD or SFTP_USERS_FILE`,
    );
  }
  const username = variables.text('SFTP_USER') ?? 'dev';
  if (/\p{Cc}/u.test(username)) problems.push('SFTP_USER must not hold control characters');
  const keysFile = variables.text('SFTP_AUTHORIZED_KEYS');
  if (keysFile === undefined) return [{ username, password }];
  const called = `SFTP_AUTHORIZED_KEYS ${keysFile}`;
  const keys = parsedFile(keysFile, called, readFile, keyFileOf, problems);
  warnings.push(...(keys?.warnings ?? []));
  return [{ username, password, authorizedKeys: keys?.lines ?? [] }];
}

/** What `parse` makes of a file; `undefined` when there are problems, which it adds to `problems`. */
function parsedFile<T>(
  path: string,
  called: string,
  readFile: ReadFile,
  parse: (text: string, called: string) => T,
  problems: string[],
): T | undefined {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    problems.push(`${called}: cannot be read (${code})`);
    return undefined;
  }
  try {
    return parse(text, called);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
