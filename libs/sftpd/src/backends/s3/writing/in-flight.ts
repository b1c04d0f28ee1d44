/** Things that are under way, each until it has settled. None of them ever rejects. */
export class InFlight {
  readonly #all = new Set<Promise<void>>();

  get count(): number {
    return this.#all.size;
  }

  add(task: Promise<void>): void {
    const counted = task.finally(() => this.#all.delete(counted));
    this.#all.add(counted);
  }

  /** Settles when less than `limit` are under way. */
  async below(limit: number): Promise<void> {
    while (this.#all.size >= limit) await Promise.race(this.#all);
  }

  /** Settles when nothing is under way. */
  async none(): Promise<void> {
    await this.below(1);
  }
}
