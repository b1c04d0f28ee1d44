/**
 * The POSIX error codes that a backend may throw, each with the sentence a client is told.
 * The sentences never name a host path, a bucket or a key.
 */
export const POSIX_ERRORS = {
  EACCES: 'Permission denied',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  EBUSY: 'Device or resource busy',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  EMLINK: 'Too many links',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENOTSUP: 'Operation not supported',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ETIMEDOUT: 'Operation timed out',
  EXDEV: 'Cross-device link',
} as const;

/** A POSIX error code that {@link SftpError} knows. */
export type PosixErrorCode = keyof typeof POSIX_ERRORS;

/**
 * A failure with a POSIX code, which decides the SFTP status that the client receives.
 *
 * The message **is sent to the client**, so it must not hold secrets, host paths or bucket names;
 * what only the server's log should see belongs into `cause`.
 *
 * @example
 * throw new SftpError('ENOSPC', 'The mailbox is full', { cause: error });
 */
export class SftpError extends Error {
  override readonly name = 'SftpError';

  /**
   * @param code the POSIX code
   * @param message what the client is told
   * @default message the code's usual sentence
   */
  constructor(
    readonly code: PosixErrorCode,
    message: string = POSIX_ERRORS[code],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const ALIASES: ReadonlyMap<string, PosixErrorCode> = new Map([
  ['EOPNOTSUPP', 'ENOTSUP'],
  ['ENOSYS', 'ENOTSUP'],
  ['ENFILE', 'EMFILE'],
  ['ETXTBSY', 'EBUSY'],
]);

/**
 * Turns whatever a backend threw into an {@link SftpError}: an `SftpError` is itself, a Node
 * `ErrnoException` keeps its code but loses its message (it names host paths), anything else is `EIO`.
 * The original is kept as `cause`.
 *
 * @param error what was thrown or rejected with
 */
export function toSftpError(error: unknown): SftpError {
  if (error instanceof SftpError) return error;
  return new SftpError(posixCode(errorCode(error)), undefined, { cause: error });
}

function posixCode(code = ''): PosixErrorCode {
  return Object.hasOwn(POSIX_ERRORS, code)
    ? (code as PosixErrorCode)
    : (ALIASES.get(code) ?? 'EIO');
}

/** The `code` of an error of the system, or of whatever else has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
