import path from 'node:path';

/** Environment variables as Node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where objects are read from; the credentials are found as the AWS SDK finds them. */
export interface S3Access {
  readonly endpoint?: string;
  readonly region: string;
  readonly forcePathStyle: boolean;
}

/** What the environment asks for: every value checked, every default filled in. */
export interface IngestConfig {
  /** Holds a password, perhaps: never to be logged. */
  readonly redisUrl: string;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** The only folder that jobs may name; without one, they may name any. */
  readonly folderRoot?: string;
  readonly s3: S3Access;
}

/** The configuration cannot be used: every problem found, one clear line each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * Reads the configuration; an empty variable is the same as none.
 *
 * @throws ConfigurationError with every problem that was found
 */
export function readEnvironment(env: Environment): IngestConfig {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = env[name];
    return value === '' ? undefined : value;
  };
  const checked = (name: string, wanted: string, fits: (value: string) => boolean) => {
    const value = text(name);
    if (value === undefined || fits(value)) return value;
    problems.push(`${name} must be ${wanted}, not ${JSON.stringify(value.slice(0, 60))}`);
    return undefined;
  };

  const redisUrl = text('REDIS_URL') ?? '';
  if (!isUrl(redisUrl, /^rediss?:$/)) {
    // The value may hold a password, so it is not told.
    problems.push('REDIS_URL must be set, to redis://USER:PASSWORD@HOST:PORT/DATABASE');
  }
  const concurrency = checked(
    'INGEST_CONCURRENCY',
    'a whole number from 1 to 100',
    (value) => /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= 100,
  );
  const folderRoot = text('INGEST_FOLDER_ROOT');
  const endpoint = checked('S3_ENDPOINT', 'an http or https URL', (value) =>
    isUrl(value, /^https?:$/),
  );
  const pathStyle = checked('S3_FORCE_PATH_STYLE', 'true or false', (value) =>
    ['true', 'false'].includes(value),
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    redisUrl,
    concurrency: Number(concurrency ?? 2),
    ...(folderRoot !== undefined && { folderRoot: path.resolve(folderRoot) }),
    s3: {
      ...(endpoint !== undefined && { endpoint }),
      region: text('S3_REGION') ?? 'us-east-1',
      forcePathStyle: pathStyle === 'true',
    },
  };
}

function isUrl(text: string, protocol: RegExp): boolean {
  return URL.canParse(text) && protocol.test(new URL(text).protocol);
}
