import type { LockoutStore } from './lockout-store.js';

/**
 * When an address is refused for a while because log-ins from it keep failing. A /64 of IPv6 counts as one address.
 * A wrong password or answer is a failure; public keys that open nothing are one, for all of a connection that ends
 * without a log-in. Who logs in takes back the failures under the same name on the same connection.
 */
export interface LockoutOptions {
  /** Failed attempts within `failureWindow` that lock an address out. @default 20 */
  readonly maxFailures?: number;
  /** Milliseconds in which failures are counted together. @default 600000 (10 min) */
  readonly failureWindow?: number;
  /** Milliseconds of the first lockout; each further one is twice as long. @default 60000 (1 min) */
  readonly lockTime?: number;
  /**
   * Milliseconds of the longest lockout, and of the time without a failure after which the next one is as short as the
   * first.
   * @default 3600000 (1 h)
   */
  readonly maxLockTime?: number;
  /** Addresses and networks (CIDR) that are never locked out. @default none */
  readonly exempt?: readonly string[];
  /**
   * Where failures are kept: in this process, unless servers are to share them (see `RedisLockoutStore` of
   * `nestjs-sftpd/redis`).
   */
  readonly store?: LockoutStore;
}
