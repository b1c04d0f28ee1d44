/** Lets tasks under one name take turns, in the order in which they came; other names do not wait. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const outcome = before === undefined ? task() : before.then(task);
    const over = outcome.catch(() => undefined);
    this.#last.set(name, over);
    try {
      return await outcome;
    } finally {
      if (this.#last.get(name) === over) this.#last.delete(name);
    }
  }
}
