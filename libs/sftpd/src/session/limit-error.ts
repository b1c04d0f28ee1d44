import { type PosixErrorCode, SftpError } from '../filesystem/sftp-error.js';

/** The limits at which a request fails and its channel goes on, by the names of their options. */
export type RequestLimit = 'maxHandles' | 'maxPathBytes' | 'maxNameBytes';

/** A request that fails at one of the server's limits. */
export class LimitError extends SftpError {
  /**
   * @param message what the client is told
   * @param limit the limit's option
   * @param detail for the log: what was refused, and why
   */
  constructor(
    code: PosixErrorCode,
    message: string,
    readonly limit: RequestLimit,
    readonly detail: string,
  ) {
    super(code, message);
  }
}
