import { Readable } from 'node:stream';

import type { Connection, Receiver } from './connection.js';
import { closedError } from './connection-errors.js';

/**
 * The body of an answer, of known length, as it comes over its connection. To any reader it is a stream like others;
 * {@link readBytes} takes its bytes without a copy.
 */
export class RangedBody extends Readable implements Receiver {
  readonly #connection: Connection;
  readonly #keepAlive: boolean;
  #left: number;
  #wanted = false;
  #failure: Error | undefined;
  #take: ((chunk: Uint8Array) => void) | undefined;

  /**
   * @param connection which brings the body next, and does so to this from now on
   * @param length in bytes
   * @param keepAlive whether the connection can be used again afterwards
   */
  constructor(connection: Connection, length: number, keepAlive: boolean) {
    super();
    this.#connection = connection;
    this.#keepAlive = keepAlive;
    this.#left = length;
    connection.passTo(this);
    if (length > 0) return;
    connection.finish(keepAlive);
    this.push(null);
  }

  /** @internal See {@link readBytes}. */
  readBytes(take: (chunk: Uint8Array) => void): void {
    this.#take = take;
    this.resume();
  }

  /** @internal For its connection. */
  bytes(chunk: Buffer): number {
    if (!this.#wanted) {
      this.#connection.pause();
      return 0;
    }
    const part = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk;
    this.#left -= part.length;
    const complete = this.#left === 0;
    if (complete) this.#connection.finish(this.#keepAlive);
    // A stream keeps what nobody has read yet, and the connection does not.
    if (this.#take) this.#take(part);
    else this.#wanted = this.push(Buffer.from(part));
    if (complete) this.push(null);
    return part.length;
  }

  /** @internal For its connection. */
  ended(error?: Error): void {
    this.#failure = error ?? closedError('The store has closed the connection within a body');
    if (this.#wanted) this.destroy(this.#failure);
  }

  override _read(): void {
    this.#wanted = true;
    // Who comes late would not hear of it otherwise.
    if (this.#failure) this.destroy(this.#failure);
    else if (this.#left > 0) this.#connection.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#left > 0) this.#connection.destroy();
    // As with Node's own answers: a body that nobody cares for does not end the process.
    process.nextTick(() => {
      callback(this.listenerCount('error') > 0 ? error : null);
    });
  }
}

/**
 * Takes the bytes of a body as they come, from whatever stream it is.
 *
 * @param take is given the next bytes, valid only during the call: those of a {@link RangedBody} are where its
 * connection has put them and will put others
 */
export function readBytes(body: Readable, take: (chunk: Uint8Array) => void): void {
  if (body instanceof RangedBody) body.readBytes(take);
  else body.on('data', take);
}
