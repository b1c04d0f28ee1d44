import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

import { within } from '../raw-transport.js';

const PROGRAM = path.join(import.meta.dirname, 'witness-program.mjs');

/** Milliseconds that are waited for two transfers; the witness itself is less patient with each. */
const WAIT = 25_000;

/** A real client in a process of its own that transfers at short intervals, and tells what has gone wrong. */
export class Witness {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #transfers = 0;
  #failure: string | undefined;
  #waiting: (() => void)[] = [];

  /** @param name of the file that it transfers */
  constructor(port: number, name: string) {
    const { PATH, HOME } = process.env;
    const witness = JSON.stringify({ port, name });
    this.#process = fork(PROGRAM, [], { execArgv: [], env: { PATH, HOME, WITNESS: witness } });
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', () => {
        this.#take({ failure: 'The witness ended' });
        resolve();
      });
    });
    this.#process.on('message', (message) => {
      this.#take(message as { transfers?: number; failure?: string });
    });
  }

  /** Whether anything has gone wrong. */
  get harmed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Settles when a transfer is done that began after this call.
   *
   * @throws Error that tells what has gone wrong with any transfer until now
   */
  async unharmed(): Promise<void> {
    const enough = this.#transfers + 2;
    while (this.#transfers < enough && !this.harmed) {
      const next = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await within(next, 'a transfer of the witness', WAIT);
    }
    if (this.#failure !== undefined) throw new Error(`The witness has noticed: ${this.#failure}`);
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #take({ transfers, failure }: { transfers?: number; failure?: string }): void {
    this.#transfers = transfers ?? this.#transfers;
    this.#failure ??= failure;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
