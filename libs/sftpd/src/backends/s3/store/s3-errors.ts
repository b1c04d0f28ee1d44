import { type PosixErrorCode, SftpError } from '../../../filesystem/sftp-error.js';

/** What S3 and its like call a failure, where the name tells more than the HTTP status. */
const BY_NAME: ReadonlyMap<string, PosixErrorCode> = new Map([
  ['NoSuchBucket', 'EIO'],
  ['KeyTooLongError', 'ENAMETOOLONG'],
  ['EntityTooLarge', 'EFBIG'],
  ['QuotaExceeded', 'EDQUOT'],
  ['XMinioStorageFull', 'ENOSPC'],
  ['AbortError', 'ETIMEDOUT'],
  ['TimeoutError', 'ETIMEDOUT'],
]);

const BY_STATUS: ReadonlyMap<number, PosixErrorCode> = new Map([
  [401, 'EACCES'],
  [403, 'EACCES'],
  [404, 'ENOENT'],
  [501, 'ENOTSUP'],
  [507, 'ENOSPC'],
]);

/**
 * What a client is told of a store's failure: the sentence of the code and nothing else. The failure itself, with
 * bucket, key and request id, is the `cause`, which only the log sees.
 *
 * @param error what the SDK threw
 */
export function storeError(error: unknown): SftpError {
  if (error instanceof SftpError) return error;
  const code =
    BY_NAME.get(errorName(error)) ?? BY_STATUS.get(httpStatus(error) ?? 0) ?? ('EIO' as const);
  return new SftpError(code, undefined, { cause: error });
}

/** What was asked of a store when it failed. */
export interface FailedRequest {
  /** The command of the SDK: its class is named after the operation. */
  readonly command: object;
  readonly input: object;
}

/** What {@link storeError} makes of a request that failed; its cause names the operation, the object and the request. */
export function requestError(error: unknown, request: FailedRequest): SftpError {
  return error instanceof Error && !(error instanceof SftpError)
    ? storeError(new RequestFailure(error, request))
    : storeError(error);
}

/** The store's own error, which is the `cause`, with what an operator has to know to look for it. */
class RequestFailure extends Error {
  override readonly name: string;
  readonly $metadata: unknown;

  constructor(cause: Error, { command, input }: FailedRequest) {
    const operation = command.constructor.name.replace(/Command$/, '');
    const { Bucket, Key, Prefix, UploadId } = input as Readonly<Record<string, unknown>>;
    const { $metadata } = cause as { $metadata?: Readonly<Record<string, unknown>> };
    const known = Object.entries({
      bucket: Bucket,
      key: Key ?? Prefix,
      upload: UploadId,
      status: $metadata?.['httpStatusCode'],
      request: $metadata?.['requestId'],
    }).filter(([, value]) => value !== undefined);
    const details = known.map(([what, value]) => `${what} ${JSON.stringify(value)}`).join(', ');
    super(`${operation} failed: ${cause.message}${details && ` (${details})`}`, { cause });
    this.name = cause.name;
    this.$metadata = $metadata;
  }
}

/** The HTTP status of a store's answer, also of one that {@link storeError} has made an `SftpError` of. */
export function httpStatus(error: unknown): number | undefined {
  const failure = error instanceof SftpError ? error.cause : error;
  if (typeof failure !== 'object' || failure === null || !('$metadata' in failure)) {
    return undefined;
  }
  const metadata = failure.$metadata as { readonly httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode;
}

/** The store's own name of a failure, such as `NoSuchBucket`; also of one that {@link storeError} has seen. */
export function errorName(error: unknown): string {
  const failure = error instanceof SftpError ? error.cause : error;
  return failure instanceof Error ? failure.name : '';
}

/** The store's own words of a failure; also of one that {@link storeError} has seen. */
export function errorText(error: unknown): string {
  const failure = error instanceof SftpError ? error.cause : error;
  const own = failure instanceof RequestFailure ? failure.cause : failure;
  return own instanceof Error ? own.message : '';
}

/** What the log is told of a failure, and no client: the store's own words. */
export function reasonOf(error: unknown): string {
  const failure = error instanceof SftpError ? (error.cause ?? error) : error;
  return failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
}

/** Whether a condition of the request (`If-Match`, `If-None-Match`) did not hold. */
export function isPreconditionFailed(error: unknown): boolean {
  const status = httpStatus(error);
  return status === 412 || (status === 409 && errorName(error) === 'ConditionalRequestConflict');
}
