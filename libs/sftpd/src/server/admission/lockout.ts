import type { Log } from '../../events/log.js';
import { countedAs } from './address.js';
import { AddressList } from './address-list.js';
import { FailoverLockoutStore } from './failover-lockout-store.js';
import type { LockoutOptions } from './lockout-options.js';
import type { LockoutRules, LockoutStore } from './lockout-store.js';
import { MemoryLockoutStore } from './memory-lockout-store.js';

/** The rules where the options say nothing. */
export const LOCKOUT_DEFAULTS: LockoutRules = {
  maxFailures: 20,
  failureWindow: 600_000,
  lockTime: 60_000,
  maxLockTime: 3_600_000,
};

/** Refuses addresses for a while from which log-ins keep failing. Nothing of it rejects. */
export class Lockout {
  readonly #rules: LockoutRules;
  readonly #store: LockoutStore;
  readonly #exempt: AddressList;

  /** @throws TypeError that names an entry of `exempt` which is neither an address nor a network */
  constructor(options: LockoutOptions, log: Log) {
    const { store, exempt = [], ...rules } = options;
    this.#rules = { ...LOCKOUT_DEFAULTS, ...withoutUndefined(rules) };
    this.#exempt = new AddressList(exempt);
    this.#store = store ? new FailoverLockoutStore(store, { log }) : new MemoryLockoutStore();
  }

  /**
   * @param address in its canonical form
   * @returns milliseconds for which it is still locked out
   */
  async lockedFor(address: string): Promise<number> {
    return this.#exempt.has(address) ? 0 : this.#store.lockedFor(countedAs(address));
  }

  /** Counts a failure. @returns milliseconds for which the address is locked out now */
  async failed(address: string): Promise<number> {
    return this.#exempt.has(address) ? 0 : this.#store.fail(countedAs(address), this.#rules);
  }

  /** Takes failures back, of a user who has logged in after all. */
  async forgive(address: string, failures: number): Promise<void> {
    if (!this.#exempt.has(address)) await this.#store.forgive(countedAs(address), failures);
  }
}

function withoutUndefined(rules: Readonly<Record<string, unknown>>): Partial<LockoutRules> {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}
