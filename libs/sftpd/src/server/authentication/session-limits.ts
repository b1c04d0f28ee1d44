import type { SessionLimits } from '../../filesystem/session.js';

/** The greatest delay of a timer of Node, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/** The least and the greatest value of each limit, as of the options of the same names. */
const RANGES: Readonly<Record<keyof SessionLimits, readonly [least: number, greatest: number]>> = {
  maxSessionsPerUser: [1, Number.MAX_SAFE_INTEGER],
  maxChannels: [1, 10_000],
  maxHandles: [1, 1_000_000],
  maxRequestsInFlight: [1, 1_000_000],
  // One request and its reply must fit.
  maxBufferedBytes: [512 * 1024, 2 ** 30],
  idleTimeout: [1, MAX_DELAY],
};

/** What is wrong with the limits that an authenticator has given a user; a limit that is `undefined` is not given. */
export function sessionLimitProblems(limits: unknown): string[] {
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) {
    return ['limits: must be an object, like { maxHandles: 100 }'];
  }
  return Object.entries(limits).flatMap(([name, value]: [string, unknown]) => {
    if (!Object.hasOwn(RANGES, name)) {
      return [`${JSON.stringify(name)} is no limit; there are ${Object.keys(RANGES).join(', ')}`];
    }
    const [least, greatest] = RANGES[name as keyof SessionLimits];
    const valid =
      value === undefined ||
      (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= greatest);
    return valid ? [] : [`${name}: must be a whole number from ${least} to ${greatest}`];
  });
}
