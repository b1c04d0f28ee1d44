import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { LockoutRules, LockoutStore } from './lockout-store.js';
import { MemoryLockoutStore } from './memory-lockout-store.js';
import { WatchedStore, type WatchParts } from './watched-store.js';

/** What a failover works with; the defaults are right for a server. */
export interface FailoverParts extends WatchParts {
  /** @default a new one */
  readonly memory?: MemoryLockoutStore;
}

/**
 * Asks a store, and the memory of this process as well. The memory counts what is seen here, so that lockouts go
 * on, as far as this process knows of them, when the store does not answer or comes back with nothing in it. Each
 * outage is logged once. It never rejects.
 */
export class FailoverLockoutStore implements LockoutStore {
  readonly #store: LockoutStore;
  readonly #memory: MemoryLockoutStore;
  readonly #watched: WatchedStore;

  constructor(store: LockoutStore, parts: FailoverParts) {
    this.#store = store;
    this.#memory = parts.memory ?? new MemoryLockoutStore();
    this.#watched = new WatchedStore(
      {
        store: 'lockout store (option lockout.store)',
        meanwhile: 'failed log-ins are counted in memory',
      },
      parts,
    );
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
    await this.#watched.ask(() => this.#store.forgive(address, failures));
  }

  /** A lockout that the store knows of is kept here too: the store may be gone before it ends. */
  #longer(address: string, here: number, there = 0): number {
    if (there <= here) return here;
    this.#memory.lock(address, there);
    return there;
  }

  async #askForTime(call: () => MaybePromise<number>): Promise<number | undefined> {
    return this.#watched.ask(async () => {
      const milliseconds: unknown = await call();
      if (typeof milliseconds === 'number' && !Number.isNaN(milliseconds)) return milliseconds;
      throw new TypeError('The answer is no number of milliseconds');
    });
  }
}
