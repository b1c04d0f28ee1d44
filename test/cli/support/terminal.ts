import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

import { isolatedEnvironment } from '../../support/run-program.js';

/** A program that has a terminal for its input and its output. */
export class Terminal {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  #written = '';

  /**
   * @param script the program `script` of util-linux
   * @param words the command and its arguments
   */
  constructor(script: string, words: readonly string[], home: string) {
    const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    // Without a shell beside it, which Ctrl+C would end too.
    this.#process = spawn(script, ['-q', '-e', '-c', `exec ${command}`, '/dev/null'], {
      cwd: home,
      env: isolatedEnvironment(home),
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#written += text));
    }
    this.#ended = once(this.#process, 'close').then(([code]) => code as number | null);
  }

  /** All that could be seen. */
  get written(): string {
    return this.#written;
  }

  /** The exit code of the program. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Waits until a text can be seen, and types then. */
  async answer(question: RegExp, keys: string): Promise<void> {
    await this.seen(question);
    this.#process.stdin.write(keys);
  }

  /** Waits until a text can be seen. */
  async seen(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = text.exec(this.#written);
      if (found) return found;
      const event = await Promise.race([this.#ended, once(this.#process.stdout, 'data')]);
      if (!Array.isArray(event) && !text.test(this.#written)) {
        throw new Error(`The program ended without ${String(text)}:\n${this.#written}`);
      }
    }
  }

  /** Ends it, if it still runs. */
  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }
}
