/**
 * Memory that the transfers of a backend share. Who finds none left goes on with less, so no transfer can starve
 * another by standing still.
 */
export class TransferMemory {
  readonly #limit: number;
  #used = 0;
  #waiting: (() => void)[] = [];

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is taken now, in bytes. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes memory, if there is so much left.
   *
   * @param bytes how much
   * @param extra whether it only makes a transfer faster that could go on without: half of the memory is kept for
   * those that could not
   * @returns whether it has been taken
   */
  tryTake(bytes: number, extra: boolean): boolean {
    if (this.#used + bytes > (extra ? this.#limit / 2 : this.#limit)) return false;
    this.#used += bytes;
    return true;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#used -= bytes;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Settles when something is given back the next time: for who can do nothing without memory but wait. */
  given(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
