import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';

import { within } from '../raw-transport.js';
import { isolatedEnvironment } from '../run-program.js';

const TOLD_LINES = 15;

/**
 * The arguments that start a program in such a way that the kernel kills it when its parent dies, however it
 * dies. They are for {@link SUPERVISOR}.
 */
export function supervised(program: string, args: readonly string[]): string[] {
  return ['--pdeathsig', 'KILL', '--', program, ...args];
}

/** Starts {@link supervised} programs. */
export const SUPERVISOR = 'setpriv';

/** One process of a cluster; what it writes goes to files. */
export class Daemon {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #logs: readonly string[];
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, name: string, logs: readonly string[]) {
    this.#process = child;
    this.#name = name;
    this.#logs = logs;
    this.#ended = once(child, 'close');
    // Whoever waits for the end of one that could not be started is told below.
    this.#ended.catch(() => undefined);
  }

  /**
   * Starts a daemon.
   *
   * @param logs files beside its output whose last lines explain a failure
   */
  static async start(
    directory: string,
    program: string,
    args: readonly string[],
    logs: readonly string[],
  ): Promise<Daemon> {
    const output = `${directory}/${program}.out`;
    const file = await open(output, 'a');
    try {
      const child = spawn(SUPERVISOR, supervised(program, args), {
        cwd: directory,
        env: isolatedEnvironment(directory),
        stdio: ['ignore', file.fd, file.fd],
      });
      return new Daemon(child, program, [output, ...logs]);
    } finally {
      await file.close();
    }
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Kills it, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.running) return;
    this.#process.kill(signal);
    await within(this.#ended, `the end of ${this.#name}`);
  }

  /** An error with the last lines of its logs. */
  async failure(what: string): Promise<Error> {
    const told = await Promise.all(
      this.#logs.map(async (file) => {
        const text = await readFile(file, 'utf8').catch(() => '');
        return `--- ${file}\n${text.trimEnd().split('\n').slice(-TOLD_LINES).join('\n')}`;
      }),
    );
    return new Error(`${this.#name} ${what}\n${told.join('\n')}`);
  }
}
