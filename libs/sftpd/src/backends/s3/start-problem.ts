import { errorName, httpStatus } from './store/s3-errors.js';
import { S3StartError } from './s3-start.error.js';

/** What stores say of keys that are not theirs, or not any more. */
const BAD_CREDENTIALS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidToken',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/** Which bucket of which store could not be used. */
export interface BucketPlace {
  readonly bucket: string;
  /** @default Amazon's */
  readonly endpoint?: string | undefined;
  readonly region: string;
}

/** Whether a failure says that the bucket is not there. */
export function isMissingBucket(error: unknown): boolean {
  return httpStatus(error) === 404;
}

/** Whether a failure says that this account, whose credentials are good, may not do what it asked. */
export function isDenied(error: unknown): boolean {
  return httpStatus(error) === 403 && !BAD_CREDENTIALS.has(errorName(error));
}

/** What keeps a backend from starting, in words that name the option and the fix. */
export function startProblem(error: unknown, place: BucketPlace): S3StartError {
  return new S3StartError(`S3Backend: ${describe(error, place)}`, { cause: error });
}

function describe(error: unknown, { bucket, endpoint, region }: BucketPlace): string {
  const name = errorName(error);
  const where = endpoint ?? `Amazon S3 in ${region}`;
  if (BAD_CREDENTIALS.has(name)) {
    return `${where} refused the credentials (${name}): check the option credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  switch (httpStatus(error)) {
    case 404:
      return `the bucket "${bucket}" does not exist at ${where}: make it, or set createBucket: true`;
    case 403:
      return `the bucket "${bucket}" at ${where} may not be listed with these credentials: allow s3:ListBucket on it`;
    case 301:
    case 307:
      return `the bucket "${bucket}" is in another region than ${region}: set the option region`;
    case undefined:
      return `${where} could not be reached (${reasonOf(error)}): check the option endpoint`;
    default:
      return `the bucket "${bucket}" at ${where} could not be used (${name})`;
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message === '' ? cause.name : cause.message;
}
