import type { Log } from './log.js';

/** A log whose messages start with `[prefix]`, so that lines of one connection or session can be joined. */
export function prefixedLog(log: Log, prefix: string): Log {
  const mark = (message: string): string => `[${prefix}] ${message}`;
  return {
    debug: (message) => {
      log.debug(mark(message));
    },
    log: (message) => {
      log.log(mark(message));
    },
    warn: (message) => {
      log.warn(mark(message));
    },
    error: (message, stack) => {
      log.error(mark(message), stack);
    },
  };
}
