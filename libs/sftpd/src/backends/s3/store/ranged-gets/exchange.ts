import type { Connection } from './connection.js';
import { closedError, isClosed } from './connection-errors.js';
import { RangedBody } from './ranged-body.js';
import { readByNode } from './replayed-answer.js';
import type { HttpResponse } from './request-handler.js';
import { readResponseHead } from './response-head.js';

/**
 * Sends a request over a connection.
 *
 * @param head the whole request
 * @param signal whose abort ends the connection, until the body has come
 * @returns the answer, whose body is still to come; nothing when the other side had closed a connection that was used
 * before: then it may not even have seen the request
 * @throws Error when there is no answer
 */
export function exchange(
  connection: Connection,
  head: string,
  signal?: AbortSignal,
): Promise<HttpResponse | undefined> {
  return new Promise((resolve, reject) => {
    let begun = false;
    const receiver = {
      bytes(chunk: Buffer): number {
        begun = true;
        const response = readResponseHead(chunk);
        if (response === 'incomplete') return 0;
        if (response === 'other') {
          readByNode(connection).then(resolve, reject);
          return 0;
        }
        const { statusCode, reason, headers, contentLength, keepAlive, size } = response;
        const body = new RangedBody(connection, contentLength, keepAlive);
        resolve({ statusCode, reason, headers: { ...headers }, body });
        return size;
      },
      ended(error?: Error): void {
        if (connection.usedBefore && !begun && isClosed(error)) resolve(undefined);
        else reject(error ?? closedError('The store has closed the connection without an answer'));
      },
    };
    connection.send(head, receiver, signal);
  });
}
