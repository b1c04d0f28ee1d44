import { Readable } from 'node:stream';

import { SftpError } from '../../../../filesystem/sftp-error.js';
import type { ObjectVersion } from '../../store/stored-object.js';
import type { ObjectSource } from '../range-download.js';

/** One GET that a spec answers. */
export class DrivenGet {
  readonly answered: Promise<Readable>;
  readonly body = new Readable({ read: () => undefined });
  #at: number;
  #refused = false;
  #give: (body: Readable) => void = () => undefined;
  #refuse: (error: unknown) => void = () => undefined;

  constructor(
    readonly start: number,
    readonly end: number,
    readonly signal: AbortSignal,
    readonly version: ObjectVersion,
    readonly content: Buffer,
  ) {
    this.#at = start;
    this.answered = new Promise((resolve, reject) => {
      this.#give = resolve;
      this.#refuse = reject;
    });
    signal.addEventListener('abort', () => {
      this.#refuse(new SftpError('ETIMEDOUT'));
    });
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Whether nothing of it is left open. */
  get over(): boolean {
    const { destroyed, readableEnded } = this.body;
    return this.#refused || destroyed || readableEnded || this.signal.aborted;
  }

  answer(): this {
    this.#give(this.body);
    return this;
  }

  /** Answers, if that has not been done, and sends the next bytes. */
  send(count: number): this {
    this.answer();
    this.body.push(Buffer.from(this.content.subarray(this.#at, this.#at + count)));
    this.#at += count;
    return this;
  }

  /** Sends what is missing and ends the body. */
  finish(): void {
    this.send(this.end - this.#at).truncate();
  }

  truncate(): void {
    this.body.push(null);
  }

  breakOff(): void {
    this.body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  }

  refuse(error: unknown): void {
    this.#refused = true;
    this.#refuse(error);
  }
}

/** A store with one object, whose GETs a spec answers one by one, or all as they come. */
export class DrivenSource implements ObjectSource {
  readonly gets: DrivenGet[] = [];
  readonly object: ObjectVersion;
  readonly content: Buffer;
  /** What is done with each GET as it comes. */
  onGet: (get: DrivenGet) => void = () => undefined;

  /** @param size of the object; every four bytes of it tell where they are */
  constructor(size: number) {
    const { imul } = Math;
    const words = new Uint32Array(Math.ceil(size / 4));
    for (let at = 0; at < words.length; at += 1) words[at] = imul(at + 1, 0x9e3779b1);
    this.content = Buffer.from(words.buffer, 0, size);
    this.object = { key: 'secret/key', etag: '"1"', size };
  }

  /** The GETs that are neither finished nor given up. */
  get underWay(): DrivenGet[] {
    return this.gets.filter((get) => !get.over);
  }

  /** `start-end` of each GET. */
  get ranges(): string[] {
    return this.gets.map(({ start, end }) => `${start}-${end}`);
  }

  get bytesAsked(): number {
    return this.gets.reduce((sum, { length }) => sum + length, 0);
  }

  /** The GET that came last. */
  get last(): DrivenGet {
    const get = this.gets.at(-1);
    if (get === undefined) throw new Error('There was no GET');
    return get;
  }

  read(version: ObjectVersion, start: number, end: number, signal: AbortSignal): Promise<Readable> {
    const get = new DrivenGet(start, end, signal, version, this.content);
    this.gets.push(get);
    this.onGet(get);
    return get.answered;
  }

  /** Answers every GET whole, at once. */
  answerAll(): this {
    this.onGet = (get) => {
      get.finish();
    };
    return this;
  }
}

/** What the store says when the object is another one now. */
export function preconditionFailed(): SftpError {
  return new SftpError('EIO', undefined, {
    cause: Object.assign(new Error('key secret/key'), { $metadata: { httpStatusCode: 412 } }),
  });
}
