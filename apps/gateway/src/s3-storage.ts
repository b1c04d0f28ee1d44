import type { VariableName } from './variable-names.js';
import type { Variables } from './variables.js';

/** Files in a bucket; the members but `kind` are options of the S3 backend. */
export interface S3Storage {
  readonly kind: 's3';
  readonly bucket: string;
  /** Empty for the whole bucket, or the session attribute that holds each session's own prefix. */
  readonly prefix: string | { readonly sessionAttribute: string };
  readonly endpoint?: string;
  readonly region: string;
  readonly forcePathStyle: boolean;
  readonly createBucket: boolean;
}

/** How `S3_PREFIX` names a session attribute. */
const OF_SESSION = 'session:';

const TEXTS = ['S3_PREFIX', 'S3_ENDPOINT', 'S3_REGION'] as const satisfies VariableName[];

/**
 * Reads the `S3_` variables. The credentials are not among them: the AWS SDK finds them by itself.
 *
 * @param warnings takes what the operator should know
 * @param chosen whether the files are kept there
 */
export function readS3Storage(
  variables: Variables,
  warnings: string[],
  chosen: boolean,
): S3Storage {
  const bucket = variables.checked(
    'S3_BUCKET',
    'the name of a bucket, without slashes and spaces',
    (text) => /^[^\s/\p{Cc}]+$/u.test(text),
  );
  const prefix = readPrefix(variables);
  const endpoint = variables.checked('S3_ENDPOINT', 'an http or https URL', isHttpUrl);
  const storage: S3Storage = {
    kind: 's3',
    bucket: bucket ?? '',
    prefix,
    ...(endpoint !== undefined && { endpoint }),
    region: variables.text('S3_REGION') ?? 'us-east-1',
    forcePathStyle: variables.boolean('S3_FORCE_PATH_STYLE', false),
    createBucket: variables.boolean('S3_CREATE_BUCKET', false),
  };
  if (!chosen) {
    warnings.push(...withoutEffect(variables, storage));
  } else {
    if (variables.text('S3_BUCKET') === undefined) {
      variables.problems.push('SFTP_BACKEND is s3, so S3_BUCKET must name its bucket');
    }
    if (typeof prefix !== 'string' && variables.text('SFTP_USERS_FILE') === undefined) {
      const written = OF_SESSION + prefix.sessionAttribute;
      warnings.push(
        `S3_PREFIX=${written} refuses everyone without SFTP_USERS_FILE: only its users have attributes`,
      );
    }
  }
  return storage;
}

function readPrefix(variables: Variables): S3Storage['prefix'] {
  const text = variables.checked(
    'S3_PREFIX',
    'text like tenant-a/ (no leading /, no empty, . or .. segment, no control characters) or session:NAME',
    (written) =>
      isPrefix(written.startsWith(OF_SESSION) ? written.slice(OF_SESSION.length) : written),
  );
  if (text === undefined) return '';
  if (!text.startsWith(OF_SESSION)) return text;
  return { sessionAttribute: text.slice(OF_SESSION.length) };
}

function isPrefix(text: string): boolean {
  const segments = text.replace(/\/$/, '').split('/');
  return !/\p{Cc}/u.test(text) && !segments.some((segment) => ['', '.', '..'].includes(segment));
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function withoutEffect(variables: Variables, storage: S3Storage): string[] {
  const names: VariableName[] = TEXTS.filter((name) => variables.text(name) !== undefined);
  if (storage.forcePathStyle) names.push('S3_FORCE_PATH_STYLE');
  if (storage.createBucket) names.push('S3_CREATE_BUCKET');
  return names.map((name) => `${name} has no effect without SFTP_BACKEND=s3`);
}
