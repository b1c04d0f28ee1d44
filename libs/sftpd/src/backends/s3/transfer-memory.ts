/**
 * Memory that the transfers of a backend share. Nobody waits here: who finds none left goes on with less, so no
 * transfer can starve another by standing still.
 */
export class TransferMemory {
  readonly #limit: number;
  #used = 0;

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
  }
}
