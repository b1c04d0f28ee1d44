import type { MaybePromise } from '../../filesystem/maybe-promise.js';

/** The rules of a lockout, in numbers and milliseconds. */
export interface LockoutRules {
  readonly maxFailures: number;
  readonly failureWindow: number;
  readonly lockTime: number;
  readonly maxLockTime: number;
}

/**
 * Keeps the failed log-ins of addresses, for one process or for several. What it throws costs no client its
 * connection: it is logged, and the address counts as free.
 */
export interface LockoutStore {
  /**
   * Takes note of a failed log-in.
   *
   * @returns milliseconds for which the address is locked out from now on; 0 when it is not
   */
  fail(address: string, rules: LockoutRules): MaybePromise<number>;

  /** @returns milliseconds for which the address is still locked out; 0 when it is not */
  lockedFor(address: string): MaybePromise<number>;

  /** Forgets the failures of an address, as somebody has logged in from there. */
  forgive(address: string): MaybePromise<void>;
}
