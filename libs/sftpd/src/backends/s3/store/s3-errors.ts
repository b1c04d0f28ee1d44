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

/** The HTTP status of a store's answer, also of one that {@link storeError} has made an `SftpError` of. */
export function httpStatus(error: unknown): number | undefined {
  const failure = error instanceof SftpError ? error.cause : error;
  if (typeof failure !== 'object' || failure === null || !('$metadata' in failure))
    return undefined;
  const metadata = failure.$metadata as { readonly httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode;
}

/** The store's own name of a failure, such as `NoSuchBucket`; also of one that {@link storeError} has seen. */
export function errorName(error: unknown): string {
  const failure = error instanceof SftpError ? error.cause : error;
  return failure instanceof Error ? failure.name : '';
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
