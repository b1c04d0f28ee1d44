import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { asOptions, sshSettings } from '../../support/openssh-client.js';
import { within } from '../../support/raw-transport.js';
import { isolatedEnvironment } from '../../support/run-program.js';
import type { SftpTarget } from '../../support/sftp-target.js';

/** OpenSSH's `sftp` on one session, given one command after the other, as a person would. */
export class SftpSession {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown[]>;
  #output = '';
  #commands = 0;

  constructor(program: string, target: SftpTarget, cwd: string) {
    const login = `${target.username}@${target.host}`;
    this.#process = spawn(program, [...asOptions(sshSettings(target)), '-b', '-', login], {
      cwd,
      env: isolatedEnvironment(target.home),
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.#closed = once(this.#process, 'close');
  }

  /** Starts a command, which may fail. */
  start(command: string): void {
    this.#commands++;
    // The shell joins what stands apart here, so that the echo of the command is not taken for its output.
    this.#process.stdin.write(`-${command}\n!echo "end-""of-${this.#commands}"\n`);
  }

  /** Waits until the last command has ended. @returns what was written since the one before */
  async ended(): Promise<string> {
    const mark = `end-of-${this.#commands}`;
    await within(this.#until(mark), `${mark} of sftp, which has written\n${this.#output}`);
    const [before = '', after = ''] = this.#output.split(mark);
    this.#output = after;
    return before;
  }

  /** Runs a command to its end. @returns what it has written */
  async run(command: string): Promise<string> {
    this.start(command);
    return this.ended();
  }

  /** Ends the session in order. @returns the exit code */
  async quit(): Promise<unknown> {
    this.#process.stdin.end('bye\n');
    const [code] = await within(this.#closed, 'the end of sftp');
    return code;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async #until(mark: string): Promise<void> {
    while (!this.#output.includes(mark)) {
      await Promise.race([
        once(this.#process.stdout, 'data'),
        once(this.#process.stderr, 'data'),
        this.#closed.then(() => Promise.reject(new Error(`sftp has ended:\n${this.#output}`))),
      ]);
    }
  }
}
