import { inspect } from 'node:util';

import type { Log } from '../events/log.js';
import { messageWithCauses } from '../events/message-with-causes.js';
import { type PosixErrorCode, toSftpError } from '../filesystem/sftp-error.js';
import { statusReply } from '../protocol/replies.js';
import type { SftpRequest } from '../protocol/requests.js';
import { statusOfError } from './status-of-error.js';

/**
 * Codes of failures that an operator may have to do something about, when a backend gives them a cause: a store that
 * refuses its credentials is no matter of the client's.
 */
const OF_THE_STORAGE: ReadonlySet<PosixErrorCode> = new Set([
  'EACCES',
  'EDQUOT',
  'ENOSPC',
  'ETIMEDOUT',
]);

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
  } else if (
    OF_THE_STORAGE.has(code) &&
    (code === 'ETIMEDOUT' || (error === known && cause !== undefined))
  ) {
    log.warn(`The backend failed to serve ${body.type}: ${messageWithCauses(known)}`);
  } else {
    log.debug(`${body.type} failed: ${code} ${messageWithCauses(known)}`);
  }
  return statusReply(id, statusOfError(known), known.message);
}

function detailsOf(cause: unknown): string {
  return cause instanceof Error && cause.stack !== undefined ? cause.stack : inspect(cause);
}
