import type { MaybePromise } from '../../filesystem/maybe-promise.js';

/** The rules of a lockout, in numbers and milliseconds. */
export interface LockoutRules {
  /** Failures that lock an address out. */
  readonly maxFailures: number;
  /** Milliseconds, from the first of them, within which they count together. */
  readonly failureWindow: number;
  /** Milliseconds of the first lockout; each further one is twice as long. */
  readonly lockTime: number;
  /** Milliseconds of the longest lockout. */
  readonly maxLockTime: number;
}

/**
 * Keeps the failed log-ins of addresses, for one process or for several. Addresses are texts: an IPv4 address,
 * or the /64 network of an IPv6 one. While a store throws, rejects or takes longer than half a second, the server
 * counts in its own memory instead.
 */
export interface LockoutStore {
  /**
   * Takes note of a failed log-in; while the address is locked out it is not counted.
   *
   * @returns milliseconds for which the address is locked out from now on; 0 when it is not
   */
  fail(address: string, rules: LockoutRules): MaybePromise<number>;

  /** @returns milliseconds for which the address is still locked out; 0 when it is not */
  lockedFor(address: string): MaybePromise<number>;

  /**
   * Takes failures back: those of a user who has then logged in on the same connection. It ends no lockout. The
   * failures of other users and connections stay, or whoever has an account could guess at others' for ever.
   */
  forgive(address: string, failures: number): MaybePromise<void>;
}
