import { getHashes } from 'node:crypto';

import { MAX_PACKET_LENGTH } from '../protocol/constants.js';
import { LEAST_WINDOW } from '../server/receive-window.js';
import { BACKEND_IS_MISSING } from './backend-messages.js';
import { backendOptionProblems } from './backend-setting.js';
import { admissionProblems } from './check-admission.js';
import { algorithmsProblems } from './check-algorithms.js';
import { bannerProblems, identProblems } from './check-greetings.js';
import { openFilesProblems } from './check-open-files.js';
import { backendsProblems, mountsProblems } from './check-sources.js';
import { numberProblems, unknownKeys } from './option-problems.js';
import { isSource } from './provider-source.js';
import type { SftpModuleOptions } from './sftp-module-options.js';
import { SftpOptionsError } from './sftp-options.error.js';

/** Numeric options with their defaults and least values. */
const NUMBERS = {
  port: { fallback: 22, min: 0, max: 65_535 },
  umask: { fallback: 0o022, min: 0, max: 0o777 },
  maxSessions: { fallback: 1000, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxSessionsPerAddress: { fallback: 100, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxSessionsPerUser: { fallback: 100, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxPendingLogins: { fallback: 200, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxChannels: { fallback: 10, min: 1, max: 10_000 },
  maxHandles: { fallback: 1024, min: 1, max: 1_000_000 },
  maxRequestsInFlight: { fallback: 1024, min: 1, max: 1_000_000 },
  maxPacketBytes: { fallback: MAX_PACKET_LENGTH, min: 34_000, max: 2 ** 20 },
  maxPathBytes: { fallback: 4096, min: 1, max: 65_536 },
  maxNameBytes: { fallback: 1024, min: 1, max: 65_536 },
  maxAuthAttempts: { fallback: 6, min: 1, max: 1000 },
  // One request and its reply must fit.
  maxBufferedBytes: { fallback: 2 * 1024 * 1024, min: 512 * 1024, max: 2 ** 30 },
  maxBufferedBytesPerConnection: { fallback: 16 * 1024 * 1024, min: 512 * 1024, max: 2 ** 40 },
  maxBufferedBytesTotal: { fallback: 256 * 1024 * 1024, min: 512 * 1024, max: 2 ** 40 },
  maxReceiveWindow: { fallback: 16 * 1024 * 1024, min: LEAST_WINDOW, max: 2 ** 30 },
  maxReceiveWindowTotal: { fallback: 128 * 1024 * 1024, min: 0, max: 2 ** 40 },
  busyPoll: { fallback: 200, min: 0, max: 10_000 },
  helloTimeout: { fallback: 10_000, min: 1, max: 2 ** 31 - 1 },
  keyExchangeTimeout: { fallback: 15_000, min: 1, max: 2 ** 31 - 1 },
  loginTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  idleTimeout: { fallback: 900_000, min: 1, max: 2 ** 31 - 1 },
  openTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  closeTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  requestTimeout: { fallback: 30_000, min: 1, max: 2 ** 31 - 1 },
  gateTimeout: { fallback: 60_000, min: 1, max: 2 ** 31 - 1 },
  drainTimeout: { fallback: 10_000, min: 0, max: 2 ** 31 - 1 },
  rekeyBytes: { fallback: 2 ** 30, min: 1024 * 1024, max: 2 ** 40 },
  rekeyInterval: { fallback: 3_600_000, min: 1000, max: 2 ** 31 - 1 },
  keepAliveInterval: { fallback: 15_000, min: 1, max: 2 ** 31 - 1 },
  keepAliveCount: { fallback: 3, min: 1, max: 1000 },
} as const;

type NumericOption = keyof typeof NUMBERS;

const OTHERS = [
  'host',
  'hostKeys',
  'auth',
  'backend',
  'backends',
  'mounts',
  'discover',
  'openFiles',
  'access',
  'lockout',
  'placesStore',
  'proxyProtocol',
  'algorithms',
  'banner',
  'ident',
  'uploadDigest',
  'logUploads',
] as const;
/** Their defaults are where static users are made. */
const HASH_LIMITS = {
  maxConcurrentHashes: { min: 1, max: 1024 },
  maxWaitingHashes: { min: 0, max: 1_000_000 },
} as const;
const HOST_KEY_OPTIONS = ['directory', 'create', 'files', 'keys'] as const;

/** Options that have been checked, with every default filled in. */
export type CheckedOptions = SftpModuleOptions & Readonly<Record<NumericOption, number>>;

/** What there is beside the options. */
export interface ProvidedElsewhere {
  /** `forRootAsync` has a backend of its own. */
  readonly backend: boolean;
  /** `forRootAsync` has an authenticator of its own. */
  readonly auth: boolean;
  /** A provider of the application is known to be a backend, or `forRootAsync` mounts one. */
  readonly storage?: boolean;
  /** What is wrong with the backends of `forRootAsync`. */
  readonly problems?: readonly string[];
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
  // Without other problems, the registry tells: it knows all that the application has decorated.
  const missing = hasStorage(options, elsewhere) ? [] : [BACKEND_IS_MISSING];
  const problems = [
    ...(elsewhere.problems ?? []),
    ...unknownKeys(options, [...Object.keys(NUMBERS), ...OTHERS], ''),
    ...hostProblems(options.host),
    ...hostKeyProblems(options.hostKeys),
    ...authProblems(options.auth, elsewhere.auth),
    ...missing,
    ...backendProblems(options.backend, elsewhere.backend),
    ...backendsProblems(options.backends),
    ...mountsProblems(options.mounts),
    ...booleanProblems('discover', options.discover),
    ...openFilesProblems(options.openFiles),
    ...admissionProblems(options),
    ...algorithmsProblems(options.algorithms),
    ...bannerProblems(options.banner),
    ...identProblems(options.ident),
    ...uploadDigestProblems(options.uploadDigest),
    ...booleanProblems('logUploads', options.logUploads),
    ...numberProblems(NUMBERS, options, ''),
  ];
  if (problems.length > missing.length) throw new SftpOptionsError(problems);
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
  if (!Array.isArray(auth.passwords) || auth.passwords.length === 0) {
    return ['auth.passwords: must be a list with at least one user'];
  }
  return [
    ...unknownKeys(auth, ['passwords', ...Object.keys(HASH_LIMITS)], 'auth.'),
    ...numberProblems(HASH_LIMITS, auth, 'auth.'),
  ];
}

function backendProblems(backend: unknown, elsewhere: boolean): string[] {
  if (backend === undefined) return [];
  if (backend === null) return elsewhere ? [] : [BACKEND_IS_MISSING];
  if (elsewhere) {
    return ['backend: is given twice; keep the one of forRootAsync or the one of the options'];
  }
  return backendOptionProblems(backend);
}

function hasStorage({ backend, mounts }: SftpModuleOptions, elsewhere: ProvidedElsewhere): boolean {
  // A backend that is null has been told already.
  return (
    backend !== undefined || mounts !== undefined || elsewhere.backend || elsewhere.storage === true
  );
}

function booleanProblems(name: 'discover' | 'logUploads', value: unknown): string[] {
  return value === undefined || typeof value === 'boolean'
    ? []
    : [`${name}: must be true or false`];
}

function uploadDigestProblems(digest: unknown): string[] {
  if (digest === undefined || (typeof digest === 'string' && getHashes().includes(digest)))
    return [];
  return ["uploadDigest: must be a digest that node:crypto has here, such as 'sha256'"];
}

function withoutUndefined(options: SftpModuleOptions): SftpModuleOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as SftpModuleOptions;
}
