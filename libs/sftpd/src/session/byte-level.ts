import type { ByteBudget } from './byte-budget.js';

/** Bytes that come and go without a call, such as a socket's: what a budget knows of them is what was seen last. */
export class ByteLevel {
  readonly #budget: ByteBudget;
  #bytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** @param bytes that are held now */
  set(bytes: number): void {
    if (bytes === this.#bytes) return;
    const change = bytes - this.#bytes;
    this.#bytes = bytes;
    this.#budget.add(change);
  }
}
