import { request } from 'node:http';
import { Duplex } from 'node:stream';

import type { Connection, Receiver } from './connection.js';
import { closedError } from './connection-errors.js';
import type { HttpResponse } from './request-handler.js';

/**
 * Has Node's own parser read an answer that has begun to come: errors, chunked bodies, interim answers and what is no
 * HTTP at all come out as they would without ranged GETs, and the store is not asked twice. The connection is closed
 * when the answer has been read.
 *
 * @throws Error what Node says of an answer that is malformed, or breaks off within its head
 */
export function readByNode(connection: Connection): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const replay = new Replay(connection);
    connection.passTo(replay);
    // Node begins to read in a while: what has come, and an end that may follow it, wait for that.
    connection.pause();
    request({ method: 'GET', createConnection: () => replay })
      .on('error', reject)
      .on('response', (answer) => {
        const headers = Object.entries(answer.headers).map(([name, value = '']) => [
          name,
          Array.isArray(value) ? value.join(',') : value,
        ]);
        resolve({
          statusCode: answer.statusCode ?? 0,
          reason: answer.statusMessage ?? '',
          headers: Object.fromEntries(headers) as Record<string, string>,
          body: answer,
        });
      })
      .end();
  });
}

/** A connection over which the request has gone already: what is written is dropped, what comes is read. */
class Replay extends Duplex implements Receiver {
  readonly #connection: Connection;
  #wanted = false;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  bytes(chunk: Buffer): number {
    if (!this.#wanted) {
      this.#connection.pause();
      return 0;
    }
    this.#wanted = this.push(Buffer.from(chunk));
    return chunk.length;
  }

  ended(error?: Error): void {
    if (error) this.destroy(error);
    else this.push(null);
  }

  override _read(): void {
    this.#wanted = true;
    this.#connection.resume();
  }

  override _write(_chunk: unknown, _encoding: unknown, callback: () => void): void {
    callback();
  }

  /** Node has read the answer. */
  override _final(callback: () => void): void {
    callback();
    this.destroy();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#connection.destroy(closedError('The answer was given up'));
    callback(error);
  }
}
