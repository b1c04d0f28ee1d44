import { randomUUID } from 'node:crypto';

import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { SftpError } from '../../filesystem/sftp-error.js';

/** Something that is open for a client. */
export interface Leased {
  /** Nobody wants it any more: lets go of it, and commits nothing. */
  abandon(): Promise<void>;
}

interface Entry<T> {
  readonly leased: T;
  readonly timer: NodeJS.Timeout;
}

/** Bounds of a {@link LeaseTable}. */
export interface LeaseLimits {
  readonly maxHandles: number;
  /** Milliseconds. */
  readonly leaseTime: number;
}

/**
 * What is open for the clients of this process, by handle. A handle that nobody renews is abandoned after its lease,
 * as its client may have been killed.
 *
 * Handles cannot be guessed, and name the process: after a restart an old one is known to be old.
 */
export class LeaseTable<T extends Leased> {
  readonly #instance = randomUUID();
  readonly #entries = new Map<string, Entry<T>>();
  readonly #limits: LeaseLimits;
  readonly #onAbandoned: (leased: T, failure: unknown) => void;
  readonly #abandoning = new Set<Promise<void>>();
  #opening = 0;
  #stopped = false;

  /** @param onAbandoned told of everything whose lease has ended, and of what went wrong with it, if anything did */
  constructor(limits: LeaseLimits, onAbandoned: (leased: T, failure: unknown) => void) {
    this.#limits = limits;
    this.#onAbandoned = onAbandoned;
  }

  /** How many are open. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Opens something and gives it a handle.
   *
   * @throws SftpError `EMFILE`, `EIO` when this process is about to end, and what `open` throws
   */
  async admit<O extends T>(open: () => MaybePromise<O>): Promise<{ handle: string; leased: O }> {
    if (this.#stopped) throw new SftpError('EIO');
    if (this.#entries.size + this.#opening >= this.#limits.maxHandles)
      throw new SftpError('EMFILE');
    this.#opening++;
    try {
      const leased = await open();
      // Whoever stops this table cannot wait for what a backend may never finish to open.
      if (this.#isStopped()) {
        await this.#abandon(leased);
        throw new SftpError('EIO');
      }
      return { handle: this.#add(leased), leased };
    } finally {
      this.#opening--;
    }
  }

  /**
   * What a handle stands for; it starts a new lease.
   *
   * @throws SftpError `EIO` when there is none: it has ended, its lease is over, or this process was restarted
   */
  get(handle: string): T {
    const entry = this.#entries.get(handle);
    if (entry === undefined) throw this.#unknown(handle);
    entry.timer.refresh();
    return entry.leased;
  }

  /** Starts a new lease; a handle that is not there is left out. */
  renew(handle: string): void {
    this.#entries.get(handle)?.timer.refresh();
  }

  /** Takes a handle out for good, for its one end. @returns `undefined` when it is not there */
  take(handle: string): T | undefined {
    const entry = this.#entries.get(handle);
    if (entry === undefined) return undefined;
    clearTimeout(entry.timer);
    this.#entries.delete(handle);
    return entry.leased;
  }

  /** The error for a handle that is not there. */
  #unknown(handle: string): SftpError {
    const reason = handle.startsWith(`${this.#instance}.`)
      ? 'its lease is over, or it has ended'
      : 'it is of another process, or of this one before a restart';
    return new SftpError('EIO', undefined, {
      cause: new Error(`There is no open file or listing with this handle: ${reason}`),
    });
  }

  /** Abandons all that is open and admits nothing any more. Settles when all is let go of. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const handle of [...this.#entries.keys()]) {
      const leased = this.take(handle);
      if (leased !== undefined) void this.#abandon(leased);
    }
    await Promise.all(this.#abandoning);
  }

  #add(leased: T): string {
    const handle = `${this.#instance}.${randomUUID()}`;
    const timer = setTimeout(() => {
      this.#entries.delete(handle);
      void this.#abandon(leased);
    }, this.#limits.leaseTime).unref();
    this.#entries.set(handle, { leased, timer });
    return handle;
  }

  /** Never rejects. */
  #abandon(leased: T): Promise<void> {
    const abandoning = leased
      .abandon()
      .then(
        () => {
          this.#onAbandoned(leased, undefined);
        },
        (error: unknown) => {
          this.#onAbandoned(leased, error);
        },
      )
      .finally(() => this.#abandoning.delete(abandoning));
    this.#abandoning.add(abandoning);
    return abandoning;
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
