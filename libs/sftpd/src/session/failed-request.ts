import { inspect } from 'node:util';

import type { Log } from '../events/log.js';
import { messageWithCauses } from '../events/message-with-causes.js';
import {
  POSIX_ERRORS,
  type PosixErrorCode,
  type SftpError,
  toSftpError,
} from '../filesystem/sftp-error.js';
import { statusReply } from '../protocol/replies.js';
import type { SftpRequest } from '../protocol/requests.js';
import { statusOfError } from './status-of-error.js';

/** Codes of failures that an operator may have to do something about. */
const OF_THE_STORAGE: ReadonlySet<PosixErrorCode> = new Set(['EACCES', 'EDQUOT', 'ENOSPC']);

/**
 * The answer to a request that failed. The client learns the error's own words; the cause, which may name host
 * paths, goes to the log: in full when the backend did not foresee the failure.
 */
export function answerFailure({ id, body }: SftpRequest, error: unknown, log: Log): Buffer {
  const known = toSftpError(error);
  const { code, cause } = known;
  // A cause of `undefined` is one too: it is what some backends reject with.
  if (code === 'EIO' && Object.hasOwn(known, 'cause')) {
    log.error(`The backend failed to serve ${body.type}`, detailsOf(cause));
  } else if (code === 'ETIMEDOUT' || (error === known && isOfTheStorage(known))) {
    log.warn(`The backend failed to serve ${body.type}: ${messageWithCauses(known)}`);
  } else {
    log.debug(`${body.type} failed: ${code} ${messageWithCauses(known)}`);
  }
  return statusReply(id, statusOfError(known), known.message);
}

/**
 * Whether a backend passes on what its storage says, and has no words of its own for the client: a store that refuses
 * the server's credentials is no matter of the client's.
 */
function isOfTheStorage({ code, message, cause }: SftpError): boolean {
  return OF_THE_STORAGE.has(code) && message === POSIX_ERRORS[code] && cause !== undefined;
}

function detailsOf(cause: unknown): string {
  return cause instanceof Error && cause.stack !== undefined ? cause.stack : inspect(cause);
}
