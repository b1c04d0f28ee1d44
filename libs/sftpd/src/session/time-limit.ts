import type { MaybePromise } from '../filesystem/maybe-promise.js';
import { SftpError } from '../filesystem/sftp-error.js';

/** Whether a value is a promise of any make. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** Goes on with a value, at once where it is there already. */
export function then<T, R>(outcome: MaybePromise<T>, next: (value: T) => R): MaybePromise<R> {
  return isPromiseLike(outcome) ? outcome.then(next) : next(outcome);
}

/**
 * The outcome of a backend's call, or `ETIMEDOUT` when it takes too long. What settles later is dropped, or
 * handed to `onLate` so that it can be let go.
 *
 * @param outcome what the call returned; a plain value passes straight through
 * @param milliseconds the limit
 * @param what the call's name, for the message
 * @throws SftpError `ETIMEDOUT`
 */
export function withTimeLimit<T>(
  outcome: MaybePromise<T>,
  milliseconds: number,
  what: string,
  onLate?: (value: T) => void,
): MaybePromise<T> {
  return isPromiseLike(outcome) ? raceAgainstTime(outcome, milliseconds, what, onLate) : outcome;
}

async function raceAgainstTime<T>(
  outcome: PromiseLike<T>,
  milliseconds: number,
  what: string,
  onLate: ((value: T) => void) | undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      outcome.then(onLate, () => undefined);
      reject(new SftpError('ETIMEDOUT', `${what} took longer than ${milliseconds} ms`));
    }, milliseconds).unref();
  });
  try {
    return await Promise.race([outcome, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
