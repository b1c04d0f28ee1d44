import { isSource } from './provider-source.js';
import type { SftpModuleOptions } from './sftp-module-options.js';
import { SftpOptionsError } from './sftp-options.error.js';

/** Numeric options with their defaults and least values. */
const NUMBERS = {
  port: { fallback: 22, min: 0, max: 65_535 },
  umask: { fallback: 0o022, min: 0, max: 0o777 },
  maxSessions: { fallback: 1000, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxSessionsPerAddress: { fallback: 100, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxChannels: { fallback: 10, min: 1, max: 10_000 },
  maxHandles: { fallback: 1024, min: 1, max: 1_000_000 },
  maxAuthAttempts: { fallback: 6, min: 1, max: 1000 },
  // One request and its reply must fit.
  maxBufferedBytes: { fallback: 4 * 1024 * 1024, min: 512 * 1024, max: 2 ** 30 },
  loginTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  idleTimeout: { fallback: 900_000, min: 1, max: 2 ** 31 - 1 },
  openTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  closeTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  requestTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  drainTimeout: { fallback: 10_000, min: 0, max: 2 ** 31 - 1 },
} as const;

type NumericOption = keyof typeof NUMBERS;

const OTHERS = ['host', 'hostKeys', 'auth', 'backend'] as const;
const HOST_KEY_OPTIONS = ['directory', 'create', 'files', 'keys'] as const;

/** Options that have been checked, with every default filled in. */
export type CheckedOptions = SftpModuleOptions & Readonly<Record<NumericOption, number>>;

/** What `forRootAsync` provides outside of the options. */
export interface ProvidedElsewhere {
  readonly backend: boolean;
  readonly auth: boolean;
}

/**
 * Checks the options of a server and fills in the defaults.
 *
 * @throws SftpOptionsError with all that is wrong
 */
export function checkOptions(
  options: SftpModuleOptions,
  elsewhere: ProvidedElsewhere = { backend: false, auth: false },
): CheckedOptions {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new SftpOptionsError(['options: an object with hostKeys, auth and backend is needed']);
  }
  const problems = [
    ...unknownKeys(options, [...Object.keys(NUMBERS), ...OTHERS], ''),
    ...hostProblems(options.host),
    ...hostKeyProblems(options.hostKeys),
    ...authProblems(options.auth, elsewhere.auth),
    ...backendProblems(options.backend, elsewhere.backend),
    ...numberProblems(options),
  ];
  if (problems.length > 0) throw new SftpOptionsError(problems);
  const defaults = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, { fallback }]) => [name, fallback]),
  ) as Record<NumericOption, number>;
  return { ...defaults, ...withoutUndefined(options) };
}

function hostProblems(host: unknown): string[] {
  if (host === undefined || (typeof host === 'string' && host !== '')) return [];
  return ['host: must be an address or a host name; leave it out to bind all addresses'];
}

function hostKeyProblems(hostKeys: unknown): string[] {
  if (typeof hostKeys !== 'object' || hostKeys === null) {
    return [
      "hostKeys: is missing. Give { directory: './host-keys', create: true }, { files: [...] } or { keys: [...] }",
    ];
  }
  return unknownKeys(hostKeys, HOST_KEY_OPTIONS, 'hostKeys.');
}

function authProblems(auth: unknown, elsewhere: boolean): string[] {
  if (auth === undefined || auth === null) {
    return elsewhere
      ? []
      : [
          "auth: is missing. Give { passwords: [{ username: '...', password: '...' }] } or an authenticator",
        ];
  }
  if (elsewhere) {
    return ['auth: is given twice; keep the one of forRootAsync or the one of the options'];
  }
  if (!isSource(auth)) return ['auth: must be { passwords: [...] }, an authenticator or its class'];
  if (!('passwords' in auth)) return [];
  return Array.isArray(auth.passwords) && auth.passwords.length > 0
    ? unknownKeys(auth, ['passwords'], 'auth.')
    : ['auth.passwords: must be a list with at least one user'];
}

function backendProblems(backend: unknown, elsewhere: boolean): string[] {
  if (backend === undefined || backend === null) {
    return elsewhere
      ? []
      : ['backend: is missing. Give one, for instance new MemoryBackend() of nestjs-sftpd/memory'];
  }
  if (elsewhere) {
    return ['backend: is given twice; keep the one of forRootAsync or the one of the options'];
  }
  return isSource(backend)
    ? []
    : ['backend: what was given is no SftpBackend, nor a class or a provider of one'];
}

function numberProblems(options: SftpModuleOptions): string[] {
  return (Object.keys(NUMBERS) as NumericOption[]).flatMap((name) => {
    const value: unknown = options[name];
    const { min, max } = NUMBERS[name];
    if (value === undefined) return [];
    const valid = Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    return valid ? [] : [`${name}: must be a whole number from ${min} to ${max}`];
  });
}

function unknownKeys(value: object, known: readonly string[], prefix: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${key}: is no option. Known are ${known.join(', ')}`);
}

function withoutUndefined(options: SftpModuleOptions): SftpModuleOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as SftpModuleOptions;
}
