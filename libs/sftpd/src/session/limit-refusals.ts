import type { Log } from '../events/log.js';
import { LimitError, type RequestLimit } from './limit-error.js';

/**
 * Tells what a channel's client is refused for a limit: each limit once, as a client can run into it a hundred
 * thousand times a second.
 */
export class LimitRefusals {
  readonly #told = new Set<RequestLimit>();
  readonly #onRefusal: (limit: RequestLimit) => void;
  readonly #log: Log;

  constructor(onRefusal: (limit: RequestLimit) => void, log: Log) {
    this.#onRefusal = onRefusal;
    this.#log = log;
  }

  /** @param error why a request failed: one of many reasons */
  notice(error: unknown): void {
    if (!(error instanceof LimitError) || this.#told.has(error.limit)) return;
    this.#told.add(error.limit);
    this.#log.warn(`${error.detail} (option ${error.limit})`);
    this.#onRefusal(error.limit);
  }
}
