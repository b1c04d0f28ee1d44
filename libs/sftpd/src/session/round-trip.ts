/**
 * The least time that a client has taken to answer: what its path takes there and back, and a little more. It is taken
 * from the beginning of a session, where clients wait for one reply before they send the next request; later, what
 * comes after a reply has mostly been on its way before it.
 */
export class RoundTrip {
  readonly #now: () => number;
  #replied: number | undefined;
  #least: number | undefined;
  #closed = false;

  /** @param now milliseconds from any fixed moment */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** In milliseconds; `undefined` while there has been none. */
  get least(): number | undefined {
    return this.#least;
  }

  /** A reply is sent, after which nothing is under way. */
  replied(): void {
    if (!this.#closed) this.#replied = this.#now();
  }

  /** The client may send without waiting from now on: nothing more is to be learnt. */
  close(): void {
    this.#closed = true;
    this.#replied = undefined;
  }

  /** Something has come. */
  came(): void {
    if (this.#replied === undefined) return;
    const taken = this.#now() - this.#replied;
    this.#replied = undefined;
    this.#least = Math.min(this.#least ?? taken, taken);
  }
}
