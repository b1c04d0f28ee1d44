/** Milliseconds before a worker is replaced: at first, and at most. */
const DELAY = { first: 100, most: 30_000 };

/** Milliseconds for which a worker has to take connections to be no failure. */
const GOOD_LIFE = 10_000;

/** Workers in a row that could not start, after which it is no use. */
const MAX_FAILED_STARTS = 10;

/** Decides how long to wait before a worker that has ended is replaced, and when to give up. */
export class RestartDelays {
  #delay = DELAY.first;
  #failedStarts = 0;

  /** A worker takes connections. */
  started(): void {
    this.#failedStarts = 0;
  }

  /**
   * A worker has ended.
   *
   * @param lived milliseconds for which it has taken connections; `undefined`: never
   * @returns milliseconds to wait
   */
  ended(lived: number | undefined): number {
    if (lived === undefined) this.#failedStarts++;
    else if (lived >= GOOD_LIFE) this.#delay = DELAY.first;
    const delay = this.#delay;
    this.#delay = Math.min(delay * 2, DELAY.most);
    return delay;
  }

  /** Whether workers cannot be started any more. */
  get hopeless(): boolean {
    return this.#failedStarts >= MAX_FAILED_STARTS;
  }
}
