import type { MaybePromise } from '../../filesystem/maybe-promise.js';

/** The copies under way, each of which its client may call off. */
export class Copies {
  readonly #underWay = new Map<string, AbortController>();

  /** Runs a copy under the name of its request. */
  async run(request: string, copy: (signal: AbortSignal) => MaybePromise<void>): Promise<void> {
    const controller = new AbortController();
    this.#underWay.set(request, controller);
    try {
      await copy(controller.signal);
    } finally {
      this.#underWay.delete(request);
    }
  }

  /** Calls a copy off; does nothing when it is not under way. */
  cancel(request: string): void {
    this.#underWay.get(request)?.abort();
  }

  cancelAll(): void {
    for (const request of this.#underWay.keys()) this.cancel(request);
  }
}
