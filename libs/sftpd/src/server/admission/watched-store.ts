import type { Log } from '../../events/log.js';
import { messageWithCauses } from '../../events/message-with-causes.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { withTimeLimit } from '../../session/time-limit.js';

/** Milliseconds that a store may take; connections and refusals wait for it. */
const TIME_LIMIT = 500;

/** Milliseconds after a failure of the store in which it is not asked again. */
const PAUSE = 1000;

/** What a store is watched with; the defaults are right for a server. */
export interface WatchParts {
  readonly log: Pick<Log, 'log' | 'error'>;
  /** Milliseconds that the store may take. @default 500 */
  readonly timeLimit?: number;
  /** Milliseconds for which a store that failed is left alone. @default 1000 */
  readonly pause?: number;
}

/** What the log calls a store, and what is done without it. */
export interface StoreNames {
  /** Such as `lockout store (option lockout.store)`. */
  readonly store: string;
  /** The rest of a sentence. */
  readonly meanwhile: string;
}

/**
 * Asks a store that may be away: each answer has a time limit, a store that failed is left alone for a while, and
 * each outage is logged once. It never rejects.
 */
export class WatchedStore {
  readonly #names: StoreNames;
  readonly #log: Pick<Log, 'log' | 'error'>;
  readonly #timeLimit: number;
  readonly #pause: number;
  #outage = false;
  #askAgain = 0;

  constructor(names: StoreNames, parts: WatchParts) {
    this.#names = names;
    this.#log = parts.log;
    this.#timeLimit = parts.timeLimit ?? TIME_LIMIT;
    this.#pause = parts.pause ?? PAUSE;
  }

  /** Whether the store has failed, and has not answered since. */
  get isAway(): boolean {
    return this.#outage;
  }

  /** Milliseconds after a failure in which the store is not asked again. */
  get pause(): number {
    return this.#pause;
  }

  /**
   * The store's answer; `undefined` where there is none.
   *
   * @param call asks the store
   * @param onLate told of an answer that has come when nobody waited any more
   */
  async ask<T>(call: () => MaybePromise<T>, onLate?: () => void): Promise<T | undefined> {
    const now = performance.now();
    const probing = this.#outage;
    if (probing) {
      if (now < this.#askAgain) return undefined;
      // One call finds out whether it is back; the others do not wait for that.
      this.#askAgain = now + this.#timeLimit + this.#pause;
    }
    const { store, meanwhile } = this.#names;
    try {
      const answer = await withTimeLimit(
        (async () => call())(),
        this.#timeLimit,
        'an answer of the store',
        onLate,
      );
      if (probing && this.#outage) {
        this.#outage = false;
        this.#log.log(`The ${store} answers again`);
      }
      return answer;
    } catch (error) {
      this.#askAgain = performance.now() + this.#pause;
      if (!this.#outage) {
        this.#outage = true;
        this.#log.error(
          `The ${store} does not work; ${meanwhile} meanwhile: ${messageWithCauses(error)}`,
        );
      }
      return undefined;
    }
  }
}
