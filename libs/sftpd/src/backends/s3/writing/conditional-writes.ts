import type { S3Log } from '../s3-options.js';
import { errorName, errorText, httpStatus } from '../store/s3-errors.js';
import { Turns } from '../tree/turns.js';

/** What a store has been found to make of `If-None-Match: *`. One for each backend, which remembers it. */
export class ConditionalWrites {
  /** Commits that need a name to be free take turns for it. */
  readonly turns = new Turns();
  readonly #log: S3Log;
  #supported = true;

  constructor(log: S3Log) {
    this.#log = log;
  }

  /** Whether to send the condition: until the store has refused one. */
  get supported(): boolean {
    return this.#supported;
  }

  /**
   * Looks at what a request with the condition failed with. A store that knows no conditions is told of in the log,
   * once, and is not asked again.
   *
   * @returns whether the request is to be made again without it
   */
  refusedBy(error: unknown): boolean {
    if (!isUnknownCondition(error)) return false;
    if (this.#supported) {
      this.#supported = false;
      this.#log.warn(
        'The store does not know If-None-Match: two clients that create one file exclusively at the very same time may both succeed',
      );
    }
    return true;
  }
}

function isUnknownCondition(error: unknown): boolean {
  const status = httpStatus(error);
  if (status === 501) return true;
  const text = `${errorName(error)} ${errorText(error)}`;
  return status === 400 && /header|if-none-match|not ?implemented/i.test(text);
}
