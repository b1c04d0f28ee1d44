import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

import type { SftpModuleOptions } from 'nestjs-sftpd';

import { ed25519KeyPair } from '../key-pair.js';
import { within } from '../raw-transport.js';

const PROGRAM = path.join(import.meta.dirname, 'server-program.mjs');

/** A user that may log in. */
export interface AttackedUser {
  readonly username: string;
  readonly password?: string;
  readonly authorizedKeys?: readonly string[];
}

/** What is attacked; all of it must fit into JSON. */
export interface AttackedConfig {
  /** Options of the module beside those that the process sets itself. */
  readonly options?: Omit<Partial<SftpModuleOptions>, 'auth' | 'backend' | 'hostKeys'>;
  /** @default `dev` with the password `dev` */
  readonly users?: readonly AttackedUser[];
  /** Directory that is served. @default a storage in memory */
  readonly root?: string;
  /** Ask for a code, too (keyboard-interactive), instead of looking into `users`. @default false */
  readonly interactive?: boolean;
}

/** A line of the server's log. */
export interface AttackedLine {
  readonly level: 'FATAL' | 'ERROR' | 'WARN' | 'LOG' | 'DEBUG';
  readonly text: string;
}

interface Answer {
  readonly id?: number;
  readonly rss?: number;
  readonly port?: number;
}

/** A server in a process of its own: what it costs and whether it lives is seen from outside. */
export class AttackedProcess {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #output = '';
  #lastId = 0;

  private constructor(config: AttackedConfig) {
    const { users = [{ username: 'dev', password: 'dev' }], options } = config;
    const { PATH, HOME } = process.env;
    const hostKeys = { keys: [ed25519KeyPair().private] };
    const attacked = JSON.stringify({ ...config, users, options: { ...options, hostKeys } });
    this.#process = fork(PROGRAM, [], {
      execArgv: ['--expose-gc'],
      env: { PATH, HOME, ATTACKED: attacked },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
    });
    // a process that dies is told by whoever asks it next
    this.#process.on('error', () => undefined);
  }

  /** Starts a server and waits until it listens. */
  static async start(config: AttackedConfig = {}): Promise<AttackedProcess> {
    const started = new AttackedProcess(config);
    const { port } = await started.#answer((answer) => answer.port !== undefined, 'the server');
    started.port = port ?? 0;
    return started;
  }

  /** Where it listens, on 127.0.0.1. */
  port = 0;

  /** Whether the process runs. */
  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** All that it has written to its output and its errors. */
  get output(): string {
    return this.#output;
  }

  /** Characters that have been written until now: where {@link linesSince} may begin. */
  get mark(): number {
    return this.#output.length;
  }

  /** What Nest's logger has written since a mark, without its header; lines of a stack are left out. */
  linesSince(mark: number): AttackedLine[] {
    const lines = this.#output.slice(mark).split('\n');
    return lines.flatMap((line) => {
      const found = /^\[Nest\] \d+ +- .{8,40}? +(FATAL|ERROR|WARN|LOG|DEBUG) (.*)$/.exec(line);
      return found ? [{ level: found[1] as AttackedLine['level'], text: found[2] ?? '' }] : [];
    });
  }

  /**
   * The resident memory, in bytes.
   *
   * @param collect whether garbage is collected before
   */
  async memory(collect = true): Promise<number> {
    const id = ++this.#lastId;
    const answered = this.#answer((answer) => answer.id === id, 'its memory');
    this.#process.send({ id, collect }, () => undefined);
    return (await answered).rss ?? NaN;
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #answer(matches: (answer: Answer) => boolean, what: string): Promise<Answer> {
    let settle: () => void = () => undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      const take = (message: unknown): void => {
        if (matches(message as Answer)) resolve(message as Answer);
      };
      const ended = (): void => {
        reject(
          new Error(`The server ended while ${what} was waited for:\n${this.#output.slice(-4000)}`),
        );
      };
      this.#process.on('message', take).once('exit', ended);
      settle = () => void this.#process.off('message', take).off('exit', ended);
      if (!this.alive) ended();
    });
    return within(answer, what, 20_000).finally(settle);
  }
}
