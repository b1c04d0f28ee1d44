import type { Log } from '../../events/log.js';
import { messageWithCauses } from '../../events/message-with-causes.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { withTimeLimit } from '../../session/time-limit.js';
import type { LockoutRules, LockoutStore } from './lockout-store.js';
import { MemoryLockoutStore } from './memory-lockout-store.js';

/** Milliseconds that a store may take; connections and refusals wait for it. */
const TIME_LIMIT = 500;

/** Milliseconds after a failure of the store in which it is not asked again. */
const PAUSE = 1000;

/** What a failover works with; the defaults are right for a server. */
export interface FailoverParts {
  readonly log: Pick<Log, 'log' | 'error'>;
  /** @default a new one */
  readonly memory?: MemoryLockoutStore;
  /** Milliseconds that the store may take. @default 500 */
  readonly timeLimit?: number;
  /** Milliseconds for which a store that failed is left alone. @default 1000 */
  readonly pause?: number;
}

/**
 * Asks a store, and the memory of this process as well. The memory counts what is seen here, so that lockouts go
 * on, as far as this process knows of them, when the store does not answer or comes back with nothing in it. Each
 * outage is logged once. It never rejects.
 */
export class FailoverLockoutStore implements LockoutStore {
  readonly #store: LockoutStore;
  readonly #memory: MemoryLockoutStore;
  readonly #log: Pick<Log, 'log' | 'error'>;
  readonly #timeLimit: number;
  readonly #pause: number;
  #outage = false;
  #askAgain = 0;

  constructor(store: LockoutStore, parts: FailoverParts) {
    this.#store = store;
    this.#log = parts.log;
    this.#memory = parts.memory ?? new MemoryLockoutStore();
    this.#timeLimit = parts.timeLimit ?? TIME_LIMIT;
    this.#pause = parts.pause ?? PAUSE;
  }

  async fail(address: string, rules: LockoutRules): Promise<number> {
    const here = this.#memory.fail(address, rules);
    const there = await this.#askForTime(() => this.#store.fail(address, rules));
    return this.#longer(address, here, there);
  }

  async lockedFor(address: string): Promise<number> {
    const here = this.#memory.lockedFor(address);
    if (here > 0) return here;
    const there = await this.#askForTime(() => this.#store.lockedFor(address));
    return this.#longer(address, here, there);
  }

  async forgive(address: string, failures: number): Promise<void> {
    this.#memory.forgive(address, failures);
    await this.#ask(() => this.#store.forgive(address, failures));
  }

  /** A lockout that the store knows of is kept here too: the store may be gone before it ends. */
  #longer(address: string, here: number, there = 0): number {
    if (there <= here) return here;
    this.#memory.lock(address, there);
    return there;
  }

  async #askForTime(call: () => MaybePromise<number>): Promise<number | undefined> {
    return this.#ask(async () => {
      const milliseconds: unknown = await call();
      if (typeof milliseconds === 'number' && !Number.isNaN(milliseconds)) return milliseconds;
      throw new TypeError('The answer is no number of milliseconds');
    });
  }

  /** The store's answer; `undefined` where there is none. */
  async #ask<T>(call: () => MaybePromise<T>): Promise<T | undefined> {
    const now = performance.now();
    const probing = this.#outage;
    if (probing) {
      if (now < this.#askAgain) return undefined;
      // One call finds out whether it is back; the others do not wait for that.
      this.#askAgain = now + this.#timeLimit + this.#pause;
    }
    try {
      const answer = await withTimeLimit(
        (async () => call())(),
        this.#timeLimit,
        'an answer of the lockout store',
      );
      if (probing && this.#outage) {
        this.#outage = false;
        this.#log.log('The lockout store (option lockout.store) answers again');
      }
      return answer;
    } catch (error) {
      this.#askAgain = performance.now() + this.#pause;
      if (!this.#outage) {
        this.#outage = true;
        this.#log.error(
          `The lockout store (option lockout.store) does not work; failed log-ins are counted in memory meanwhile: ${messageWithCauses(error)}`,
        );
      }
      return undefined;
    }
  }
}
