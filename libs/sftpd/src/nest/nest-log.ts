import type { Logger } from '@nestjs/common';

import type { Log } from '../events/log.js';
import { manyLines, oneLine } from '../events/printable.js';

/**
 * A log that Nest's logger writes: the server's own, or a backend's. Whatever has found its way into a message, such
 * as the name of a client's file, it stays one line without control characters.
 *
 * @example
 * new FolderBackend({ root, log: nestLog(new Logger('FolderBackend')) })
 *
 * @publicApi
 */
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
