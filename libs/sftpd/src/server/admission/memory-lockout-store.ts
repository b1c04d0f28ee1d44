import type { LockoutRules, LockoutStore } from './lockout-store.js';

/** What is kept of an address; times in milliseconds from any fixed moment. */
interface Record {
  failures: number;
  /** When the first of these failures was. */
  since: number;
  /** Lockouts until now. */
  locks: number;
  lockedUntil: number;
  /** When all this is forgotten. */
  expires: number;
}

/** Records whose time is looked at whenever a new one comes. */
const SWEEP = 4;

/** Keeps failed log-ins in the memory of this process. */
export class MemoryLockoutStore implements LockoutStore {
  /** In the order of their last failures. */
  readonly #records = new Map<string, Record>();
  readonly #maxAddresses: number;
  readonly #now: () => number;

  /**
   * @param maxAddresses how many addresses are kept; the one that has failed least lately goes first
   *   @default 100000
   * @param now milliseconds from any fixed moment
   */
  constructor(maxAddresses = 100_000, now: () => number = () => performance.now()) {
    this.#maxAddresses = maxAddresses;
    this.#now = now;
  }

  /** How many addresses are kept. */
  get size(): number {
    return this.#records.size;
  }

  fail(address: string, rules: LockoutRules): number {
    const now = this.#now();
    const record = this.#recordOf(address) ?? newRecord(now);
    if (record.lockedUntil > now) return record.lockedUntil - now;
    if (record.failures === 0 || now - record.since >= rules.failureWindow) {
      record.failures = 0;
      record.since = now;
    }
    record.failures++;
    let locked = 0;
    if (record.failures >= rules.maxFailures) {
      locked = Math.min(rules.lockTime * 2 ** record.locks, rules.maxLockTime);
      record.locks++;
      record.failures = 0;
      record.lockedUntil = now + locked;
    }
    const quiet = record.locks === 0 ? rules.failureWindow : rules.maxLockTime;
    record.expires = now + locked + Math.max(quiet, rules.failureWindow);
    this.#keep(address, record);
    return locked;
  }

  lockedFor(address: string): number {
    const record = this.#recordOf(address);
    return record === undefined ? 0 : Math.max(0, record.lockedUntil - this.#now());
  }

  forgive(address: string, failures: number): void {
    const record = this.#recordOf(address);
    if (record !== undefined) record.failures = Math.max(0, record.failures - failures);
  }

  /** Locks an address out, whatever has been counted here. */
  lock(address: string, milliseconds: number): void {
    const now = this.#now();
    const record = this.#recordOf(address) ?? newRecord(now);
    record.failures = 0;
    record.lockedUntil = Math.max(record.lockedUntil, now + milliseconds);
    record.expires = Math.max(record.expires, record.lockedUntil);
    this.#keep(address, record);
  }

  #recordOf(address: string): Record | undefined {
    const record = this.#records.get(address);
    if (record === undefined || record.expires > this.#now()) return record;
    this.#records.delete(address);
    return undefined;
  }

  #keep(address: string, record: Record): void {
    this.#records.delete(address);
    this.#sweep();
    this.#records.set(address, record);
  }

  /** Makes room: for those that are over, a few at a time, and where it is full, of the oldest. */
  #sweep(): void {
    const now = this.#now();
    let looked = 0;
    for (const [address, { expires }] of this.#records) {
      const full = this.#records.size >= this.#maxAddresses;
      if (!full && ++looked > SWEEP) return;
      if (full || expires <= now) this.#records.delete(address);
    }
  }
}

function newRecord(now: number): Record {
  return { failures: 0, since: now, locks: 0, lockedUntil: now, expires: now };
}
