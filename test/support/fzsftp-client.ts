import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

import { isolatedEnvironment } from './run-program.js';
import type { SftpTarget } from './sftp-target.js';

/** How a command has ended. */
export interface FzsftpOutcome {
  readonly succeeded: boolean;
  /** What it has reported, line by line, the last one included. */
  readonly lines: readonly string[];
  /** The names of a listing. */
  readonly names: readonly string[];
}

interface Event {
  readonly type: string;
  readonly lines: readonly string[];
}

/** What each character stands for that begins an event of version 11; all others are told to the user. */
const REPLY = '0';
const DONE = '1';
const LIST_ENTRY = '8';
const ASK_HOST_KEY = '9';
const ASK_PASSWORD = '<';
const RECEIVE_QUOTA = '@';
const SEND_QUOTA = 'A';
const HOST_KEY = 'I';
const IO_OPEN = 'K';
const IO_NEXT = 'L';
const IO_FINALIZE = 'M';

/** Lines of an event, where it is not one. */
const LINES: Readonly<Record<string, number>> = {
  [RECEIVE_QUOTA]: 0,
  [SEND_QUOTA]: 0,
  [ASK_HOST_KEY]: 2,
  [LIST_ENTRY]: 3,
};

const VERSION = '11';
/** Of the memory through which the content of files goes. */
const SHARED_BYTES = 256 * 1024;
const SHARED_FD = 3;
const WAIT_MS = 45_000;

/**
 * FileZilla's SFTP: `fzsftp`, which FileZilla starts for each connection and talks to on standard input and output.
 * The content of files goes through memory that both share; here that is a file which the program maps.
 */
export class Fzsftp {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #target: SftpTarget;
  readonly #shared: FileHandle;
  readonly #arrivals = new EventEmitter();
  #received = Buffer.alloc(0);
  #hostKeys: string[] = [];
  #file: FileHandle | undefined;
  #position = 0;

  private constructor(
    child: ChildProcessWithoutNullStreams,
    target: SftpTarget,
    shared: FileHandle,
  ) {
    this.#child = child;
    this.#target = target;
    this.#shared = shared;
    // What it is told after its end is no failure of the test's own.
    child.stdin.on('error', () => undefined);
    child.stderr.resume();
    // All the time: what comes while nobody listens is lost.
    child.stdout.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#arrivals.emit('chunk');
    });
  }

  /**
   * Starts it and logs in by password.
   *
   * @throws Error when it speaks another version, or does not get in
   */
  static async logIn(program: string, target: SftpTarget): Promise<Fzsftp> {
    const shared = await open(join(target.home, 'fzsftp-memory'), 'w+');
    await shared.truncate(SHARED_BYTES);
    const child = spawn(program, ['-v'], {
      env: isolatedEnvironment(target.home),
      cwd: target.home,
      stdio: ['pipe', 'pipe', 'pipe', shared.fd],
    }) as ChildProcessWithoutNullStreams;
    const client = new Fzsftp(child, target, shared);
    const [greeting = ''] = (await client.#event()).lines;
    if (!greeting.endsWith(`protocol_version=${VERSION}`)) throw new Error(greeting);
    const { host, port, username } = target;
    await client.ok(`open "${username}@${host}" ${port}`);
    return client;
  }

  /** Runs a command that must succeed. @param local the file of a transfer */
  async ok(command: string, local?: string): Promise<FzsftpOutcome> {
    const outcome = await this.run(command, local);
    if (!outcome.succeeded) throw new Error(`${command} failed:\n${outcome.lines.join('\n')}`);
    return outcome;
  }

  /** Runs a command, whatever comes of it. @param local the file of a transfer */
  async run(command: string, local?: string): Promise<FzsftpOutcome> {
    const lines: string[] = [];
    const names: string[] = [];
    const isUpload = /^(re)?put /.test(command);
    this.#file = local === undefined ? undefined : await open(local, isUpload ? 'r' : 'a+');
    this.#position = 0;
    try {
      this.#send(command);
      for (;;) {
        const { type, lines: told } = await this.#event();
        const [first = '', , third = ''] = told;
        if (type === LIST_ENTRY) names.push(third);
        else lines.push(...told);
        if (type === REPLY) return { succeeded: true, lines, names };
        if (type === DONE) return { succeeded: first === '1', lines, names };
        await this.#answer(type, first, isUpload);
      }
    } finally {
      await this.#file?.close();
      this.#file = undefined;
    }
  }

  /** Ends it. */
  async end(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
    await this.#shared.close();
  }

  async #answer(type: string, argument: string, isUpload: boolean): Promise<void> {
    switch (type) {
      case HOST_KEY:
        this.#hostKeys.push(argument);
        break;
      case ASK_HOST_KEY:
        this.#send(this.#knowsHost() ? 'y' : '');
        break;
      case ASK_PASSWORD:
        this.#send(this.#target.password ?? '');
        break;
      case RECEIVE_QUOTA:
        this.#send('-0-');
        break;
      case SEND_QUOTA:
        this.#send('-1-');
        break;
      case IO_OPEN:
        this.#send(await this.#opened(argument, isUpload));
        break;
      case IO_NEXT:
        this.#send(isUpload ? await this.#filled() : await this.#emptied(Number(argument)));
        break;
      case IO_FINALIZE:
        await this.#emptied(Number(argument));
        this.#send('-1');
    }
  }

  #knowsHost(): boolean {
    return this.#target.fingerprints.some((known) =>
      this.#hostKeys.some((told) => told.endsWith(known)),
    );
  }

  /** An upload begins where it says; a download at the end of what is there. */
  async #opened(argument: string, isUpload: boolean): Promise<string> {
    const { size = 0 } = (await this.#file?.stat()) ?? {};
    if (isUpload) this.#position = Number(argument);
    return `-${SHARED_FD} ${SHARED_BYTES} ${size}`;
  }

  /** Puts the next bytes of an upload into the memory. */
  async #filled(): Promise<string> {
    const bytes = Buffer.alloc(SHARED_BYTES);
    const { bytesRead = 0 } =
      (await this.#file?.read(bytes, 0, SHARED_BYTES, this.#position)) ?? {};
    this.#position += bytesRead;
    await this.#shared.write(bytes, 0, bytesRead, 0);
    return bytesRead === 0 ? '-' : `-0 ${bytesRead}`;
  }

  /** Takes bytes of a download out of the memory. */
  async #emptied(count: number): Promise<string> {
    const bytes = Buffer.alloc(count);
    if (count > 0) {
      await this.#shared.read(bytes, 0, count, 0);
      await this.#file?.appendFile(bytes);
    }
    return `-0 ${SHARED_BYTES}`;
  }

  #send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async #event(): Promise<Event> {
    for (;;) {
      const event = this.#parsed();
      if (event !== undefined) return event;
      await once(this.#arrivals, 'chunk', { signal: AbortSignal.timeout(WAIT_MS) });
    }
  }

  /** The first event of what has come, when it is whole. */
  #parsed(): Event | undefined {
    const type = this.#received.toString('latin1', 0, 1);
    if (type === '') return undefined;
    const lines: string[] = [];
    let start = 1;
    for (let left = LINES[type] ?? 1; left > 0; left--) {
      const end = this.#received.indexOf('\n', start);
      if (end < 0) return undefined;
      lines.push(this.#received.toString('utf8', start, end));
      start = end + 1;
    }
    this.#received = this.#received.subarray(start);
    return { type, lines };
  }
}
