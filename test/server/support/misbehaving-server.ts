import { inspect } from 'node:util';

import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { normalizePath } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { BackendProbe } from '../../support/backend-probe.js';
import { stat, type RawRequest } from '../../support/raw-requests.js';
import type { RawReply } from '../../support/raw-replies.js';
import {
  type LogLine,
  type RawConnection,
  type RawServer,
  startRawServer,
} from '../../support/raw-server.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { CONTENT } from './backend-calls.js';
import { SECRET } from './backend-failures.js';
import { FaultyBackend, type AnyLevel, type FaultPoint } from './faulty-backend.js';

/** How long the backend may take for anything, in milliseconds. */
export const LIMIT_MS = 150;

/** What the machine may be busy with besides, in milliseconds. */
const SLACK_MS = 3000;

/** How one request was answered. */
export interface Answer {
  readonly reply: RawReply;
  /** Milliseconds. */
  readonly elapsed: number;
  /** What was logged meanwhile. */
  readonly log: readonly LogLine[];
}

/** A channel, and a directory of its own with what the calls of `backend-calls.ts` need. */
export interface Fresh {
  readonly sftp: RawSftpClient;
  readonly dir: string;
}

/** A server whose backend misbehaves as its test wishes; every test proves besides that nothing else is touched. */
export class MisbehavingServer {
  readonly storage = new MemoryBackend();
  readonly probe = new BackendProbe(this.storage);
  readonly faults: FaultyBackend;
  #server: RawServer | undefined;
  #connection: RawConnection | undefined;
  #other: RawConnection | undefined;
  #directories = 0;
  #channels: RawSftpClient[] = [];

  constructor(level: AnyLevel) {
    this.faults = new FaultyBackend(level, this.storage);
  }

  async start(): Promise<void> {
    const [openTimeout, closeTimeout, requestTimeout] = [LIMIT_MS, LIMIT_MS, LIMIT_MS];
    this.#server = await startRawServer({
      backend: this.faults.backend,
      options: { openTimeout, closeTimeout, requestTimeout },
    });
    this.#connection = await this.#server.connect();
    this.#other = await this.#server.connect();
  }

  async stop(): Promise<void> {
    this.faults.mend();
    await this.#server?.stop();
  }

  get log(): readonly LogLine[] {
    return this.#server?.log ?? [];
  }

  /** A new channel and a new directory. */
  async fresh(): Promise<Fresh> {
    const sftp = await this.#channelOf(this.#connection);
    const dir = `/t${++this.#directories}`;
    await this.probe.makeDir(dir);
    await this.probe.makeDir(`${dir}/d`);
    await this.probe.put(`${dir}/f`, Buffer.from(CONTENT));
    this.storage.symlink(normalizePath(`${dir}/l`), 'f');
    return { sftp, dir };
  }

  /** Has a request served while one call misbehaves. */
  async ask(
    sftp: RawSftpClient,
    request: RawRequest,
    point: FaultPoint,
    behave: () => unknown,
  ): Promise<Answer> {
    const before = this.log.length;
    const start = performance.now();
    this.faults.plant(point, behave);
    const reply = await sftp.request(request);
    const elapsed = performance.now() - start;
    this.faults.mend();
    return { reply, elapsed, log: this.log.slice(before) };
  }

  /** Proves that a channel, a new one beside it and another client are served. */
  async proveServed(sftp: RawSftpClient, dir: string): Promise<void> {
    await sftp.attrs(stat(`${dir}/f`));
    const beside = await this.#channelOf(this.#connection);
    await beside.attrs(stat(`${dir}/f`));
    const other = await this.#channelOf(this.#other);
    await other.attrs(stat(`${dir}/f`));
  }

  /** For `afterEach`. */
  async endChannels(): Promise<void> {
    this.faults.mend();
    const used = this.#channels;
    this.#channels = [];
    await Promise.all(used.map((channel) => channel.destroy()));
    for (const { violation } of used) if (violation) throw violation;
  }

  async #channelOf(connection: RawConnection | undefined): Promise<RawSftpClient> {
    if (connection === undefined) throw new Error('The server does not run');
    const channel = await connection.channel();
    this.#channels.push(channel);
    await channel.init();
    return channel;
  }
}

/** Starts a server before the tests of this `describe`, and stops it after them. */
export function useMisbehavingServer(level: AnyLevel): MisbehavingServer {
  const server = new MisbehavingServer(level);
  beforeAll(() => server.start());
  afterEach(() => server.endChannels());
  afterAll(() => server.stop());
  return server;
}

/** Fails after a test in which a rejection was left to nobody. */
export function expectNoUnhandledRejection(): void {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeAll(() => void process.on('unhandledRejection', note));
  afterEach(async () => {
    // Node tells of them when the microtasks are done.
    await new Promise(setImmediate);
    expect(unhandled.splice(0)).toEqual([]);
  });
  afterAll(() => void process.off('unhandledRejection', note));
}

/** Proves that an answer came when it had to. */
export function expectInTime({ elapsed }: Answer, outlasts = false): void {
  expect(elapsed).toBeLessThan(LIMIT_MS + SLACK_MS);
  // Timers count whole milliseconds.
  if (outlasts) expect(elapsed).toBeGreaterThan(LIMIT_MS - 2);
}

/** Proves that the client has learned nothing of what was not meant for it. */
export function expectNoSecrets({ reply, log }: Answer): void {
  expect(inspect(reply)).not.toContain(SECRET);
  for (const { text, details } of log) {
    expect(text + details).not.toMatch(/password|new content|some content/);
  }
}

/** The lines of a request in a log, as text. */
export function linesOf(log: readonly LogLine[], level: LogLine['level']): string {
  return log
    .filter((line) => line.level === level)
    .map(({ text, details }) => `${text}\n${details}`)
    .join('\n');
}
