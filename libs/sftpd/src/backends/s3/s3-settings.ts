import { tmpdir } from 'node:os';

import { checkedPrefix } from './key-space.js';
import { S3OptionsError } from './s3-options.error.js';
import type { RandomWrites, S3BackendOptions, S3Log, SessionPrefix } from './s3-options.js';

/** {@link S3BackendOptions} with every default filled in, but for what the store or the SDK decides. */
export type S3Settings = S3BackendOptions &
  Required<
    Pick<
      S3BackendOptions,
      | 'createBucket'
      | 'region'
      | 'forcePathStyle'
      | 'connectionTimeout'
      | 'socketTimeout'
      | 'maxAttempts'
      | 'requestTimeout'
      | 'transferTimeout'
      | 'partSize'
      | 'uploadConcurrency'
      | 'maxUploadMemoryBytes'
      | 'randomWrites'
      | 'temporaryDirectory'
      | 'maxTemporaryBytes'
      | 'downloadConcurrency'
      | 'downloadRangeSize'
      | 'maxDownloadMemoryBytes'
      | 'copyConcurrency'
      | 'abandonedUploadAge'
      | 'log'
    >
  > & {
    /** Empty, or ending in `/`. */
    readonly prefix: string | SessionPrefix;
  };

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const DAY = 24 * 60 * 60 * 1000;
/** The longest that a timer of Node's can wait. */
const MAX_TIMER = 2 ** 31 - 1;

const SILENCE: S3Log = {
  log: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Options that a given client has settled already. */
const OF_THE_CONNECTION = [
  'endpoint',
  'region',
  'forcePathStyle',
  'credentials',
  'connectionTimeout',
  'socketTimeout',
  'maxAttempts',
] as const satisfies readonly (keyof S3BackendOptions)[];

/** Every option: whoever writes another one has mistyped it. */
const NAMES: ReadonlySet<string> = new Set<keyof S3BackendOptions>([
  ...OF_THE_CONNECTION,
  'bucket',
  'prefix',
  'createBucket',
  'client',
  'requestTimeout',
  'transferTimeout',
  'partSize',
  'uploadConcurrency',
  'maxUploadMemoryBytes',
  'randomWrites',
  'temporaryDirectory',
  'maxTemporaryBytes',
  'downloadConcurrency',
  'downloadRangeSize',
  'maxDownloadMemoryBytes',
  'copyConcurrency',
  'storageClass',
  'acl',
  'serverSideEncryption',
  'abandonedUploadAge',
  'log',
]);

/**
 * Checks options and fills in the defaults.
 *
 * @throws S3OptionsError that names the option and says what to write
 */
export function s3Settings(options: S3BackendOptions): S3Settings {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new S3OptionsError('bucket', "is missing: new S3Backend({ bucket: 'my-bucket' })");
  }
  for (const name of Object.keys(options)) {
    if (!NAMES.has(name)) throw new S3OptionsError(name, 'is not one: remove it');
  }
  const { bucket } = options;
  if (typeof bucket !== 'string' || bucket === '') {
    throw new S3OptionsError('bucket', "must be the bucket's name, for instance bucket: 'uploads'");
  }
  if (options.client !== undefined) {
    const settled = OF_THE_CONNECTION.find((name) => options[name] !== undefined);
    if (settled !== undefined) {
      throw new S3OptionsError(settled, 'has no effect beside client: remove one of the two');
    }
  }
  const partSize = whole(options, 'partSize', 5 * MIB, 5 * MIB, 5 * GIB);
  return {
    ...options,
    bucket,
    prefix: prefixOf(options.prefix),
    createBucket: flag(options, 'createBucket'),
    region: text(options, 'region') ?? 'us-east-1',
    forcePathStyle: flag(options, 'forcePathStyle'),
    ...endpointOf(options),
    connectionTimeout: whole(options, 'connectionTimeout', 5000, 1, MAX_TIMER),
    socketTimeout: whole(options, 'socketTimeout', 10_000, 1, MAX_TIMER),
    maxAttempts: whole(options, 'maxAttempts', 4, 1, 100),
    requestTimeout: whole(options, 'requestTimeout', 20_000, 1, MAX_TIMER),
    transferTimeout: whole(options, 'transferTimeout', 300_000, 1, MAX_TIMER),
    partSize,
    uploadConcurrency: whole(options, 'uploadConcurrency', 4, 1, 100),
    maxUploadMemoryBytes: whole(
      options,
      'maxUploadMemoryBytes',
      Math.max(128 * MIB, partSize),
      partSize,
      Number.MAX_SAFE_INTEGER,
    ),
    randomWrites: randomWritesOf(options.randomWrites),
    temporaryDirectory: text(options, 'temporaryDirectory') ?? tmpdir(),
    maxTemporaryBytes: whole(options, 'maxTemporaryBytes', 16 * GIB, 0, Number.MAX_SAFE_INTEGER),
    downloadConcurrency: whole(options, 'downloadConcurrency', 4, 1, 100),
    downloadRangeSize: whole(options, 'downloadRangeSize', 4 * MIB, 64 * KIB, GIB),
    maxDownloadMemoryBytes: whole(
      options,
      'maxDownloadMemoryBytes',
      128 * MIB,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    copyConcurrency: whole(options, 'copyConcurrency', 16, 1, 1000),
    abandonedUploadAge:
      options.abandonedUploadAge === false
        ? false
        : whole(options, 'abandonedUploadAge', DAY, 1, Number.MAX_SAFE_INTEGER),
    log: logOf(options.log),
  };
}

function prefixOf(prefix: unknown = ''): string | SessionPrefix {
  if (prefix === '') return '';
  if (typeof prefix === 'object' && prefix !== null && 'sessionAttribute' in prefix) {
    const { sessionAttribute } = prefix;
    if (typeof sessionAttribute === 'string' && sessionAttribute !== '')
      return { sessionAttribute };
    throw new S3OptionsError(
      'prefix',
      "must name the session attribute: prefix: { sessionAttribute: 'tenant' }",
    );
  }
  const checked = checkedPrefix(prefix);
  if (checked !== undefined) return checked;
  throw new S3OptionsError(
    'prefix',
    "must be text like 'tenant-a/' (no leading '/', no empty, '.' or '..' segment, no control characters), " +
      "or { sessionAttribute: '...' }",
  );
}

function endpointOf({ endpoint }: S3BackendOptions): { endpoint?: string } {
  if (endpoint === undefined) return {};
  const url =
    typeof endpoint === 'string' && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { endpoint };
  throw new S3OptionsError(
    'endpoint',
    "must be an http or https URL, for instance endpoint: 'https://s3.example.org'",
  );
}

function randomWritesOf(policy: unknown = 'allow'): RandomWrites {
  if (policy === 'allow' || policy === 'spool' || policy === 'refuse') return policy;
  throw new S3OptionsError('randomWrites', "must be 'allow', 'spool' or 'refuse'");
}

function logOf(log: unknown): S3Log {
  if (log === undefined) return SILENCE;
  const methods: Partial<Record<keyof S3Log, unknown>> =
    typeof log === 'object' && log !== null ? log : {};
  const isLog = [methods.log, methods.warn, methods.error].every(
    (method) => typeof method === 'function',
  );
  if (isLog) return log as S3Log;
  throw new S3OptionsError(
    'log',
    'must have the methods log, warn and error, as a Nest Logger does',
  );
}

function flag(options: S3BackendOptions, name: 'createBucket' | 'forcePathStyle'): boolean {
  const value: unknown = options[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new S3OptionsError(name, 'must be true or false');
}

function text(
  options: S3BackendOptions,
  name: 'region' | 'temporaryDirectory',
): string | undefined {
  const value: unknown = options[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new S3OptionsError(name, 'must be a text that is not empty');
}

function whole(
  options: S3BackendOptions,
  name: keyof S3BackendOptions,
  byDefault: number,
  least: number,
  most: number,
): number {
  const value = options[name] ?? byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new S3OptionsError(name, `must be a whole number from ${least} to ${most}`);
}
