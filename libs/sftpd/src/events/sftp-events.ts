import type { SftpEventMap, SftpEventName } from './event-map.js';
import type { Log } from './log.js';

type Listener<Name extends SftpEventName> = (event: SftpEventMap[Name]) => unknown;

/** Tells listeners what happens in a server. What they throw, or reject with, is logged and goes no further. */
export class SftpEvents {
  readonly #log: Pick<Log, 'error'>;
  readonly #listeners = new Map<SftpEventName, Set<Listener<never>>>();

  constructor(log: Pick<Log, 'error'>) {
    this.#log = log;
  }

  /** @returns takes the listener away again */
  on<Name extends SftpEventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Whether anybody listens to an event: what is told there need not be found out otherwise. */
  has(name: SftpEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** Tells the listeners in the order in which they came, and waits for none. */
  emit<Name extends SftpEventName>(name: Name, event: SftpEventMap[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) void this.#tell(name, listener, event);
  }

  async #tell(name: string, listener: Listener<never>, event: unknown): Promise<void> {
    try {
      await (listener as (event: unknown) => unknown)(event);
    } catch (error) {
      this.#log.error(
        `A listener of ${name} failed`,
        error instanceof Error ? error.stack : String(error),
      );
    }
  }
}
