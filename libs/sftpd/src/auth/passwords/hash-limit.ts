/** Bounds of the password hashes that are computed. */
export interface HashLimitOptions {
  /**
   * Checks of passwords at once. Each takes a thread of Node's pool (of which there are four, which files need too)
   * and the memory of a hash: 32 MiB for `hashPassword`, 256 MiB at most.
   * @default 2
   */
  readonly maxConcurrentHashes?: number;
  /** Checks that wait for their turn; those above are refused at once. @default 100 */
  readonly maxWaitingHashes?: number;
}

const DEFAULT_CONCURRENT_HASHES = 2;
const DEFAULT_WAITING_HASHES = 100;

/** So many passwords are being checked that one more cannot even wait. */
export class TooManyHashesError extends Error {
  override readonly name = 'TooManyHashesError';

  constructor() {
    super('Too many passwords are waiting to be checked (option maxWaitingHashes)');
  }
}

/** Lets a few computations run at once and a bounded number wait, in the order in which they came. */
export class HashLimit {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @throws TypeError when a bound is no whole number, or lets nothing run */
  constructor({
    maxConcurrentHashes = DEFAULT_CONCURRENT_HASHES,
    maxWaitingHashes = DEFAULT_WAITING_HASHES,
  }: HashLimitOptions = {}) {
    if (!Number.isInteger(maxConcurrentHashes) || maxConcurrentHashes < 1) {
      throw new TypeError('maxConcurrentHashes must be a whole number of at least 1');
    }
    if (!Number.isInteger(maxWaitingHashes) || maxWaitingHashes < 0) {
      throw new TypeError('maxWaitingHashes must be a whole number of at least 0');
    }
    this.#atOnce = maxConcurrentHashes;
    this.#maxWaiting = maxWaitingHashes;
  }

  /**
   * Runs some work as soon as there is room for it.
   *
   * @throws TooManyHashesError at once when too much waits already
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) {
      this.#running += 1;
    } else if (this.#waiting.length < this.#maxWaiting) {
      // Whoever ends hands its place over, so that nobody can slip in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      throw new TooManyHashesError();
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
