import type { Log } from './log.js';

/**
 * A log that writes its lines, in their order, when what is under way has been done: what a line costs is not what a
 * client waits for.
 */
export class LateLog implements Log {
  readonly #log: Log;
  #lines: (() => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  debug(message: string): void {
    this.#later(() => {
      this.#log.debug(message);
    });
  }

  log(message: string): void {
    this.#later(() => {
      this.#log.log(message);
    });
  }

  warn(message: string): void {
    this.#later(() => {
      this.#log.warn(message);
    });
  }

  error(message: string, stack?: string): void {
    this.#later(() => {
      this.#log.error(message, stack);
    });
  }

  /** Writes at once what still waits, as the log ends. */
  flush(): void {
    const lines = this.#lines;
    this.#lines = [];
    for (const write of lines) write();
  }

  #later(write: () => void): void {
    this.#lines.push(write);
    if (this.#lines.length > 1) return;
    setImmediate(() => {
      this.flush();
    });
  }
}
