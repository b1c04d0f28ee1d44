import type { MaybePromise } from '../maybe-promise.js';
import { type PosixErrorCode, SftpError, toSftpError } from '../sftp-error.js';

/**
 * Calls a backend that was asked for less than the client wanted, because the rest is not allowed.
 *
 * @param code what the backend answers when it is the rest that would be needed
 * @throws SftpError `EACCES` instead of that
 */
export async function refusing<T>(
  code: PosixErrorCode | undefined,
  call: () => MaybePromise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (code === undefined || toSftpError(error).code !== code) throw error;
    throw new SftpError('EACCES', undefined, { cause: error });
  }
}
