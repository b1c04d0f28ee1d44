import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

import { readBytes } from '../ranged-body.js';
import { RangedGetHandler, type RangedGetOptions } from '../ranged-get-handler.js';
import type { HttpRequest, HttpResponse, RequestHandler } from '../request-handler.js';

/** A GET of a range, as the SDK signs it. */
export function rangedGet(port: number, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    path: '/bucket/key',
    query: { 'x-id': 'GetObject' },
    headers: { host: `127.0.0.1:${port}`, range: 'bytes=0-99', authorization: 'AWS4 x' },
    ...more,
  };
}

/** Takes note of the requests that are not its handler's own. */
export class Others implements RequestHandler {
  readonly requests: HttpRequest[] = [];
  destroyed = false;

  handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    this.requests.push(request);
    return Promise.resolve({
      response: { statusCode: 418, reason: '', headers: {}, body: undefined },
    });
  }

  destroy(): void {
    this.destroyed = true;
  }
}

/** With times that no spec reaches unless it means to. */
export function handlerWith(
  options: Partial<Omit<RangedGetOptions, 'timeouts'>> = {},
  timeouts: Partial<RangedGetOptions['timeouts']> = {},
  others: RequestHandler = new Others(),
): RangedGetHandler {
  return new RangedGetHandler(others, {
    maxSockets: 4,
    ...options,
    timeouts: { connect: 20_000, silence: 20_000, idle: 20_000, ...timeouts },
  });
}

/** Sends a request and reads its answer as a stream. */
export async function answerTo(
  handler: RangedGetHandler,
  request: HttpRequest,
): Promise<HttpResponse & { readonly text: string }> {
  const { response } = await handler.handle(request);
  return { ...response, text: (await buffer(response.body as Readable)).toString('latin1') };
}

/** Reads a body as downloads do. @returns copies of what was handed over, and the memory that it was in */
export async function read(
  response: HttpResponse,
): Promise<{ readonly content: Buffer; readonly memory: ReadonlySet<ArrayBufferLike> }> {
  const body = response.body as Readable;
  const chunks: Buffer[] = [];
  const memory = new Set<ArrayBufferLike>();
  readBytes(body, (chunk) => {
    memory.add(chunk.buffer);
    chunks.push(Buffer.from(chunk));
  });
  await finished(body);
  return { content: Buffer.concat(chunks), memory };
}
