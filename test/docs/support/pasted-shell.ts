import path from 'node:path';

import { Child } from '../../smoke/child.js';
import { run, type RunResult } from '../../support/run-program.js';
import { adapted, type Replacements } from './shell-blocks.js';

/** How long commands may take that end by themselves, in milliseconds. */
const TIMEOUT = 120_000;

/** A terminal into which the commands of a page are pasted. */
export class PastedShell {
  readonly #bash: string;
  readonly #home: string;
  readonly #env: Readonly<Record<string, string>>;

  /**
   * @param home where commands run; what `programs` in it holds stands first in the search path
   * @param env what has been exported before
   */
  constructor(bash: string, home: string, env: Readonly<Record<string, string>> = {}) {
    this.#bash = bash;
    this.#home = home;
    this.#env = { PATH: `${this.programs}:${process.env['PATH'] ?? ''}`, ...env };
  }

  /** Where programs of the test's own may stand. */
  get programs(): string {
    return path.join(this.#home, 'programs');
  }

  /** Runs commands to their end, or to that of the first that fails. */
  run(commands: string, replacements: Replacements = {}, input = ''): Promise<RunResult> {
    const script = adapted(commands, replacements);
    const options = { home: this.#home, env: this.#env, input, timeout: TIMEOUT };
    return run(this.#bash, ['--norc', '-euo', 'pipefail', '-c', script], options);
  }

  /** Runs a command that serves until it is ended; the shell becomes it, and so is no process between. */
  serve(command: string, replacements: Replacements = {}): Child {
    return new Child(['--norc', '-c', adapted(command, replacements)], {
      program: this.#bash,
      cwd: this.#home,
      env: this.#env,
    });
  }
}
