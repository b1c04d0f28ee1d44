import type { Readable } from 'node:stream';

import { SftpError } from '../../../filesystem/sftp-error.js';
import type { ObjectStore } from '../store/object-store.js';
import { readBytes } from '../store/ranged-gets/ranged-body.js';
import { isPreconditionFailed, storeError } from '../store/s3-errors.js';
import type { ObjectVersion } from '../store/stored-object.js';
import type { ReadLimits } from './read-limits.js';

/** Where the bytes of objects come from. */
export type ObjectSource = Pick<ObjectStore, 'read'>;

/** Who takes the bytes of a {@link RangeDownload}; after a cancel it hears nothing more. */
export interface RangeSink {
  /** The next bytes of the range, valid only during the call. */
  bytes(chunk: Uint8Array): void;
  /** All have come. */
  end(): void;
  /** No more will come. */
  failed(error: SftpError): void;
}

/** GETs of one range, the first one included. */
const TRIES = 5;
/** Milliseconds before the second try; each further wait is twice as long. */
const FIRST_WAIT = 100;

/**
 * One range of one version of an object on its way. A body that breaks off, ends early or stalls is asked for
 * again from the byte where it broke. A store that gives no body is not asked again: the SDK has done that.
 */
export class RangeDownload {
  readonly #source: ObjectSource;
  readonly #object: ObjectVersion;
  readonly #limits: ReadLimits;
  readonly #end: number;
  readonly #sink: RangeSink;
  #at: number;
  #tries = 0;
  /** Of the GET that is under way. */
  #get: AbortController | undefined;
  #body: Readable | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param start first byte
   * @param end byte after the last; within the object
   */
  constructor(
    source: ObjectSource,
    object: ObjectVersion,
    limits: ReadLimits,
    start: number,
    end: number,
    sink: RangeSink,
  ) {
    this.#source = source;
    this.#object = object;
    this.#limits = limits;
    this.#at = start;
    this.#end = end;
    this.#sink = sink;
    this.#ask();
  }

  /** Gives the range up: the GET is aborted, its body destroyed, and nothing is tried again. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const body = this.#body;
    const get = this.#get;
    this.#body = undefined;
    this.#get = undefined;
    // To abort a request whose answer has ended would only cost its connection.
    if (body?.readableEnded === true) return;
    body?.destroy();
    get?.abort();
  }

  #ask(): void {
    const get = new AbortController();
    this.#get = get;
    this.#tries += 1;
    this.#within(this.#limits.requestTimeout, () => {
      this.#refused(silence(this.#limits.requestTimeout));
    });
    this.#source.read(this.#object, this.#at, this.#end, get.signal).then(
      (body) => {
        // Without a listener, the error of a body that nobody wants any more would end the process.
        body.on('error', (error) => {
          if (this.#body === body) this.#over(storeError(error));
        });
        if (this.#get === get) this.#receive(body);
        else body.destroy();
      },
      (error: unknown) => {
        if (this.#get === get) this.#refused(storeError(error));
      },
    );
  }

  #receive(body: Readable): void {
    this.#body = body;
    this.#within(this.#limits.stallTimeout, () => {
      this.#over(silence(this.#limits.stallTimeout));
    });
    const ended = (): void => {
      if (this.#body !== body) return;
      this.#over(foreign(`The body ended ${this.#end - this.#at} bytes early`));
    };
    body.on('end', ended);
    body.on('close', ended);
    readBytes(body, (chunk) => {
      if (this.#body === body) this.#take(chunk);
    });
  }

  #take(chunk: Uint8Array): void {
    if (chunk.length > this.#end - this.#at) {
      this.#fail(foreign('The store sent more bytes than the range has'));
      return;
    }
    this.#timer?.refresh();
    this.#at += chunk.length;
    this.#sink.bytes(chunk);
  }

  /** There was no body. */
  #refused(error: SftpError): void {
    const again =
      this.#tries > 1 &&
      (error.code === 'EIO' || error.code === 'ETIMEDOUT') &&
      !isPreconditionFailed(error);
    if (again) this.#over(error);
    else this.#fail(error);
  }

  /** The body is over, one way or another; if all bytes have come, it does not matter how. */
  #over(error: SftpError): void {
    if (this.#at === this.#end) {
      this.cancel();
      this.#sink.end();
      return;
    }
    if (this.#tries === TRIES) {
      this.#fail(error);
      return;
    }
    this.cancel();
    this.#within(FIRST_WAIT * 2 ** (this.#tries - 1), () => {
      this.#ask();
    });
  }

  #fail(error: SftpError): void {
    this.cancel();
    this.#sink.failed(error);
  }

  #within(milliseconds: number, late: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(late, milliseconds);
    this.#timer.unref();
  }
}

function foreign(message: string): SftpError {
  return new SftpError('EIO', undefined, { cause: new Error(message) });
}

function silence(milliseconds: number): SftpError {
  return new SftpError('ETIMEDOUT', undefined, {
    cause: new Error(`The store was silent for ${milliseconds} ms`),
  });
}
