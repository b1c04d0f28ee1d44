import type { PosixErrorCode, SftpError } from '../filesystem/sftp-error.js';
import { StatusCode } from '../protocol/constants.js';

/**
 * POSIX codes that have a status of their own in version 3; all others are `FAILURE`
 * (draft-ietf-secsh-filexfer-02, section 7).
 */
const STATUS_CODES: Readonly<Partial<Record<PosixErrorCode, StatusCode>>> = {
  ENOENT: StatusCode.NO_SUCH_FILE,
  ENOTDIR: StatusCode.NO_SUCH_FILE,
  ELOOP: StatusCode.NO_SUCH_FILE,
  EACCES: StatusCode.PERMISSION_DENIED,
  EPERM: StatusCode.PERMISSION_DENIED,
  EROFS: StatusCode.PERMISSION_DENIED,
  ENOTSUP: StatusCode.OP_UNSUPPORTED,
};

/** The status code that tells a client of the error. */
export function statusOfError(error: SftpError): StatusCode {
  return STATUS_CODES[error.code] ?? StatusCode.FAILURE;
}
