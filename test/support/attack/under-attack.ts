import { afterAll, beforeEach, expect } from '@jest/globals';

import { type AttackedConfig, type AttackedLine, AttackedProcess } from './attacked-process.js';
import { called, connectAs } from './honest-client.js';
import { Witness } from './witness.js';

const MIB = 2 ** 20;

/** What may stay of an attack, in bytes. */
const MAX_LEFT = 64 * MIB;

/** What an attack may take while it lasts, in bytes. */
const MAX_PEAK = 256 * MIB;

/** Lines of the log that one attack may cost; those of the debug level do not count. */
const MAX_LINES = 40;

/** What is expected of an attack beside that nobody suffers. */
export interface Expectations {
  /** Lines above the debug level that the log may get, at the most. @default 40 */
  readonly lines?: number;
  /** What one line at least must say to whoever reads the log at its usual level. @default nothing */
  readonly says?: RegExp;
  /** Bytes of memory that the attack may take while it lasts, garbage included. @default 256 MiB */
  readonly peak?: number;
}

/** A server that is attacked by the tests of a file, with a witness beside. */
export class UnderAttack {
  readonly #config: () => AttackedConfig;
  readonly #place: string;
  #server: AttackedProcess | undefined;
  #witness: Witness | undefined;

  /**
   * @param config of the server, made when it starts
   * @param place directory of the witness' file, with a slash at its end
   */
  constructor(config: () => AttackedConfig, place: string) {
    this.#config = config;
    this.#place = place;
  }

  get server(): AttackedProcess {
    if (this.#server === undefined) throw new Error('The server is started in beforeAll');
    return this.#server;
  }

  get port(): number {
    return this.server.port;
  }

  /** Starts the server, has it do all that it does at its first log-in, and starts the witness. */
  async start(): Promise<void> {
    this.#server = await AttackedProcess.start(this.#config());
    await logInAndOut(this.port);
    this.#witness = new Witness(this.port, `${this.#place}witness`);
    await this.#witness.unharmed();
  }

  /** Whether the process runs and the witness has noticed nothing until now. */
  get unharmed(): boolean {
    return this.#server?.alive === true && this.#witness?.harmed === false;
  }

  /** Starts it where it does not run, or where its witness has been harmed. */
  async ready(): Promise<void> {
    if (this.unharmed) return;
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#witness?.stop();
    await this.#server?.stop();
  }

  /**
   * Attacks, and then looks whether the process lives, the witness has noticed nothing, somebody else can log
   * in, the memory is where it was, and the log has neither too much nor too little.
   *
   * @returns what the log got
   */
  async survives(
    attack: () => Promise<void>,
    expected: Expectations = {},
  ): Promise<AttackedLine[]> {
    const { server } = this;
    const before = await server.memory();
    const mark = server.mark;
    const peak = await this.#peakDuring(attack);
    expect(server.alive).toBe(true);
    await this.#witness?.unharmed();
    await logInAndOut(this.port);
    await this.#memoryIsBack(before);
    const lines = server.linesSince(mark);
    expect(peak - before).toBeLessThan(expected.peak ?? MAX_PEAK);
    expectNoControlCharacters(server.output.slice(mark));
    const told = lines
      // Each upload that is stored has its line, and so have those of the witness all the time.
      .filter(({ level, text }) => level !== 'DEBUG' && !text.includes(' has uploaded "'))
      .map(({ text }) => text);
    expect(told.length).toBeLessThanOrEqual(expected.lines ?? MAX_LINES);
    if (expected.says) expect(told).toContainEqual(expect.stringMatching(expected.says));
    return lines;
  }

  /** Settles when the witness has done what it does, in the midst of an attack. */
  async witnessed(): Promise<void> {
    await this.#witness?.unharmed();
  }

  /** The highest memory that is seen from outside while an attack lasts. */
  async #peakDuring(attack: () => Promise<void>): Promise<number> {
    let peak = 0;
    const over = new AbortController();
    const watching = (async () => {
      while (!over.signal.aborted) {
        peak = Math.max(peak, await this.server.memory(false));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    // a server that dies meanwhile is told at once, not when the attack has waited for it
    const watched = watching.then(() => new Promise<never>(() => undefined));
    try {
      await Promise.race([attack(), watched]);
    } finally {
      over.abort();
    }
    await watching;
    return peak;
  }

  async #memoryIsBack(before: number): Promise<void> {
    const deadline = Date.now() + 10_000;
    let left = Infinity;
    while (left > MAX_LEFT) {
      left = (await this.server.memory()) - before;
      if (left > MAX_LEFT && Date.now() > deadline) {
        throw new Error(`${Math.round(left / MIB)} MiB are left of the attack`);
      }
      if (left > MAX_LEFT) await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** A server for the tests of a file; one that an attack has ended is followed by another one for the next test. */
export function useServerUnderAttack(
  config: AttackedConfig | (() => AttackedConfig) = {},
  place = '/',
): UnderAttack {
  const made = typeof config === 'function' ? config : (): AttackedConfig => config;
  const attacked = new UnderAttack(made, place);
  beforeEach(() => attacked.ready());
  afterAll(() => attacked.stop());
  return attacked;
}

/** Control characters, C1 among them, and those that turn the direction of text. */
const UNREADABLE = /[^\n\x20-\x7e\u00a0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\u{10ffff}]/u;

function expectNoControlCharacters(output: string): void {
  const found = UNREADABLE.exec(output);
  expect(found && JSON.stringify(found[0])).toBeNull();
}

/** Logs in, opens a channel, uses it, and leaves. */
async function logInAndOut(port: number): Promise<void> {
  const client = await connectAs(port);
  const sftp = await called<{ stat(path: string, done: (error?: Error | null) => void): unknown }>(
    (done) => client.sftp(done),
  );
  await called((done) => sftp.stat('/', done));
  client.end();
}
