/** What the windows of all channels of a server may have beyond the least, in bytes. */
export class WindowBudget {
  #free: number;

  /** @param bytes all together */
  constructor(bytes: number) {
    this.#free = bytes;
  }

  /**
   * Changes what a window has reserved.
   *
   * @param from bytes that it has
   * @param to bytes that it wants
   * @returns bytes that it has from now on: less than it wants when there is no more
   */
  resize(from: number, to: number): number {
    const granted = Math.min(to, from + this.#free);
    this.#free += from - granted;
    return granted;
  }
}
