import { inspect } from 'node:util';

import type { Log } from '../events/log.js';
import { toSftpError } from '../filesystem/sftp-error.js';
import { statusReply } from '../protocol/replies.js';
import type { SftpRequest } from '../protocol/requests.js';
import { statusOfError } from './status-of-error.js';

/**
 * The answer to a request that failed. The client learns the error's own words; the cause, which may name host
 * paths, goes to the log: in full when the backend did not foresee the failure.
 */
export function answerFailure({ id, body }: SftpRequest, error: unknown, log: Log): Buffer {
  const known = toSftpError(error);
  const { code, message, cause } = known;
  // A cause of `undefined` is one too: it is what some backends reject with.
  if (code === 'EIO' && Object.hasOwn(known, 'cause')) {
    log.error(`The backend failed to serve ${body.type}`, detailsOf(cause));
  } else if (code === 'ETIMEDOUT') {
    log.warn(`The backend failed to serve ${body.type}: ${message}`);
  } else {
    const details = cause instanceof Error ? ` (${cause.message})` : '';
    log.debug(`${body.type} failed: ${code} ${message}${details}`);
  }
  return statusReply(id, statusOfError(known), known.message);
}

function detailsOf(cause: unknown): string {
  return cause instanceof Error && cause.stack !== undefined ? cause.stack : inspect(cause);
}
