import { MemoryLockoutStore, MemoryPlacesStore } from 'nestjs-sftpd';
import type { PrimaryCalls } from './worker-calls.js';

type LimitCalls = Pick<PrimaryCalls, 'take' | 'giveBack' | 'fail' | 'lockedFor' | 'forgive'>;

/** What the primary counts for all workers: their connections, and log-ins that have failed. */
export class SharedLimits {
  readonly #places = new MemoryPlacesStore();
  readonly #lockouts = new MemoryLockoutStore();

  /** How many connections have a place. */
  get connections(): number {
    return this.#places.size;
  }

  /** What a worker may ask. @param worker unique among all that there ever are */
  callsOf(worker: number): LimitCalls {
    const places = this.#places;
    const lockouts = this.#lockouts;
    const start = startOf(worker);
    return {
      take: (holder, counts) => places.take(start + holder, counts),
      giveBack: (holder, names) => {
        places.giveBack(start + holder, names);
      },
      fail: (address, rules) => lockouts.fail(address, rules),
      lockedFor: (address) => lockouts.lockedFor(address),
      forgive: (address, failures) => {
        lockouts.forgive(address, failures);
      },
    };
  }

  /** A worker is gone, and its connections with it. */
  forget(worker: number): void {
    this.#places.giveBackAll(startOf(worker));
  }
}

function startOf(worker: number): string {
  return `${worker}/`;
}
