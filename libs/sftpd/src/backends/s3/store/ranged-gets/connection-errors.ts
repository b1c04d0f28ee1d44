import { errorCode } from '../../../../filesystem/sftp-error.js';

/** Codes of failures of a connection that the SDK's own handler calls a `TimeoutError`, and the SDK tries again. */
const TRIED_AGAIN = new Set<unknown>(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const TIMEOUT = { name: 'TimeoutError' };

/** A time that is up: the SDK tries such a request again. */
export function timeoutError(message: string): Error {
  return Object.assign(new Error(message), TIMEOUT);
}

/** The caller's own wish, with its reason as the cause. */
export function abortError({ reason }: AbortSignal): Error {
  return Object.assign(new Error('Request aborted', { cause: reason }), { name: 'AbortError' });
}

/** A connection that the store has closed. */
export function closedError(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

/** Whether an error says that the other side is gone. */
export function isClosed(error: Error | undefined): boolean {
  const code = errorCode(error);
  return error === undefined || code === 'ECONNRESET' || code === 'EPIPE';
}

/** A failure of the connection before the answer, as the SDK's own handler would name it. */
export function requestFailure(error: unknown): unknown {
  return TRIED_AGAIN.has(errorCode(error)) ? Object.assign(error as Error, TIMEOUT) : error;
}
