import type { RemoteLink } from './remote-link.js';

/** Handles that one message renews. */
const MAX_BATCH = 500;

/** How often a lease is renewed before it would end: two messages may get lost. */
const RENEWALS_PER_LEASE = 3;

/** Tells the other side, as long as this one has handles there, that they are still wanted. */
export class LeaseKeeper {
  readonly #link: RemoteLink;
  readonly #held = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #interval = Infinity;
  #renewing = false;

  constructor(link: RemoteLink) {
    this.#link = link;
  }

  /**
   * Keeps a handle alive from now on.
   *
   * @param leaseTime milliseconds that the other side keeps it without hearing of it
   */
  hold(handle: string, leaseTime: number): void {
    this.#held.add(handle);
    const interval = leaseTime / RENEWALS_PER_LEASE;
    if (this.#timer !== undefined && interval >= this.#interval) return;
    clearInterval(this.#timer);
    this.#interval = interval;
    this.#timer = setInterval(() => void this.#renew(), interval).unref();
  }

  /** The handle has come to its end. */
  release(handle: string): void {
    this.#held.delete(handle);
    if (this.#held.size === 0) this.stop();
  }

  /** Renews nothing any more; what is still held ends with its lease. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#interval = Infinity;
    this.#held.clear();
  }

  async #renew(): Promise<void> {
    // While the other side does not answer, one message waits for it and not one per interval.
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      const handles = [...this.#held];
      for (let from = 0; from < handles.length; from += MAX_BATCH) {
        const batch = handles.slice(from, from + MAX_BATCH);
        await this.#link.tell('renew', 'nobody', { handles: batch });
      }
    } finally {
      this.#renewing = false;
    }
  }
}
