/** A map that keeps what was used last and forgets the rest. */
export class RecentMap<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  /** @param limit entries that are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Entries that are kept now. */
  get size(): number {
    return this.#values.size;
  }

  /** The value of a key, which has been used with this. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** Keeps a value; the one that has not been used for the longest time goes when there are too many. */
  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.#limit) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  /** Forgets a key. */
  delete(key: string): void {
    this.#values.delete(key);
  }

  /** Forgets every key that begins with `prefix`. */
  deleteBelow(prefix: string): void {
    for (const key of this.#values.keys()) {
      if (key.startsWith(prefix)) this.#values.delete(key);
    }
  }
}
