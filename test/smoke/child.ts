import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';

/** The root of the checkout. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** How a process ended and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<Child>();

/** A plain process of `node` or another program: nothing of Jest, of its loader or of the sources is in it. */
export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  /**
   * @param args of the program
   * @param options.env variables beside `PATH` and `HOME`, which are passed on
   * @default options.cwd the root of the checkout
   * @default options.program `node`
   */
  constructor(
    args: readonly string[],
    options: {
      readonly cwd?: string;
      readonly env?: NodeJS.ProcessEnv;
      readonly program?: string;
    } = {},
  ) {
    const { PATH, HOME } = process.env;
    this.#process = spawn(options.program ?? process.execPath, args, {
      cwd: options.cwd ?? ROOT,
      env: { PATH, HOME, ...options.env },
    });
    this.#process.stdin.end();
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = once(this.#process, 'close').then(([code, signal]) => {
      running.delete(this);
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stdout: this.#stdout,
        stderr: this.#stderr,
      };
    });
    running.add(this);
  }

  /** Settles when the process has ended and all its output was read. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /**
   * Waits for `pattern` on standard output.
   *
   * @throws when the process ends before
   */
  output(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#found(pattern, this.#process.stdout, () => this.#stdout);
  }

  /** The same on standard error. */
  outputOnError(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#found(pattern, this.#process.stderr, () => this.#stderr);
  }

  async #found(pattern: RegExp, stream: Readable, text: () => string): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(text());
      if (found) return found;
      const ended = await Promise.race([this.ended, once(stream, 'data')]);
      if (!Array.isArray(ended) && !pattern.test(text())) {
        throw new Error(`The process ended (${String(ended.code)}) without ${String(pattern)}:
${this.#stdout}${this.#stderr}`);
      }
    }
  }
}

/** Kills what is still running; for `afterEach`. */
export async function killChildren(): Promise<void> {
  const children = [...running];
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.ended));
}
