import type { Logger } from '@nestjs/common';

import type { Log } from '../events/log.js';

/** Writes the server's log with Nest's logger. */
export function nestLog(logger: Logger): Log {
  return {
    debug: (message) => {
      logger.debug(message);
    },
    log: (message) => {
      logger.log(message);
    },
    warn: (message) => {
      logger.warn(message);
    },
    error: (message, stack) => {
      // Nest prints a second argument even when it is undefined.
      if (stack === undefined) logger.error(message);
      else logger.error(message, stack);
    },
  };
}
