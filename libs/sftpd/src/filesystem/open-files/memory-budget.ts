interface Waiting {
  readonly bytes: number;
  readonly letIn: () => void;
}

/** Memory that many share: who finds too little left waits, first come, first served. */
export class MemoryBudget {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #used = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Runs `task` when there is room for what it holds, and counts that until it has settled.
   *
   * @param bytes what the task will hold; more than the limit counts as the limit, so that everyone gets a turn
   */
  async use<T>(bytes: number, task: () => Promise<T>): Promise<T> {
    const share = Math.min(bytes, this.#limit);
    await this.#take(share);
    try {
      return await task();
    } finally {
      this.#used -= share;
      this.#letIn();
    }
  }

  async #take(bytes: number): Promise<void> {
    await new Promise<void>((letIn) => {
      this.#waiting.push({ bytes, letIn });
      this.#letIn();
    });
  }

  #letIn(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (this.#used + next.bytes > this.#limit) return;
      this.#waiting.shift();
      this.#used += next.bytes;
      next.letIn();
    }
  }
}
