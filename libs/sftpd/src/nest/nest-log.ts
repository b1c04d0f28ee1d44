import type { Logger } from '@nestjs/common';

import type { Log } from '../events/log.js';
import { manyLines, oneLine } from '../events/printable.js';

/** Writes the server's log with Nest's logger. Whatever has found its way into a message, it stays one line. */
export function nestLog(logger: Logger): Log {
  return {
    debug: (message) => {
      logger.debug(oneLine(message));
    },
    log: (message) => {
      logger.log(oneLine(message));
    },
    warn: (message) => {
      logger.warn(oneLine(message));
    },
    error: (message, stack) => {
      // Nest prints a second argument even when it is undefined.
      if (stack === undefined) logger.error(oneLine(message));
      else logger.error(oneLine(message), manyLines(stack));
    },
  };
}
