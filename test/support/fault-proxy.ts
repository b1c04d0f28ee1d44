import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as startRequest,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

import { FaultRule, type Fault, type Match, type ProxiedRequest } from './fault-rules.js';
import { within } from './raw-transport.js';

/** A request that has come to the proxy, and what became of it. */
export interface SeenRequest extends ProxiedRequest {
  /** By `performance.now()`. */
  readonly begun: number;
  /** When the answer or the connection ended; `undefined` until then. */
  ended: number | undefined;
  /** Of the answer; `undefined` while there is none. */
  status: number | undefined;
}

interface Wait {
  readonly match: Match;
  readonly count: number;
  readonly resolve: () => void;
}

/**
 * An HTTP proxy in front of a store that does to requests what tests tell it to. It streams both ways, keeps
 * connections alive and passes the Host header on as it came, so that a signature stays valid in front of any
 * store that does not compare it with its own name.
 */
export class FaultProxy {
  /** Every request so far, in the order of arrival. */
  readonly requests: SeenRequest[] = [];
  readonly #upstream: URL;
  #endpoint = '';
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  #rules: FaultRule[] = [];
  #waits: Wait[] = [];

  private constructor(upstream: URL) {
    this.#upstream = upstream;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => {
        // Whatever failed, one end or the other: the client sees a connection that breaks.
        request.destroy();
        response.destroy();
      });
    });
    // It is never the proxy that gives up.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
  }

  /** @param upstream URL of the store */
  static async start(upstream: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(upstream));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.#endpoint = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  /** What a client takes for the store's URL. */
  get endpoint(): string {
    return this.#endpoint;
  }

  /**
   * From now on, does something to matching requests. Of several rules the first that fits counts, but delays
   * add up and go together with another fault.
   *
   * @param times to how many of them
   * @default times all
   */
  when(match: Match, fault: Fault, times = Infinity): FaultRule {
    const rule = new FaultRule(match, fault, times);
    this.#rules.push(rule);
    return rule;
  }

  /** From now on, lets everything through; what hangs already goes on hanging. */
  clear(): void {
    this.#rules = [];
  }

  /** The requests so far that match. */
  seen(match: Match): SeenRequest[] {
    return this.requests.filter((request) => match(request));
  }

  /** Waits until so many matching requests have come, counted from the start of the proxy. */
  async until(match: Match, count = 1, ms?: number): Promise<void> {
    if (this.seen(match).length >= count) return;
    const come = new Promise<void>((resolve) => this.#waits.push({ match, count, resolve }));
    await within(come, `${count} requests that match at the fault proxy`, ms);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = this.#note(request, response);
    const fitting = this.#rules.filter((rule) => rule.take(seen));
    const delay = fitting.reduce((sum, { fault }) => sum + (fault.delay ?? 0), 0);
    if (delay > 0) await setTimeout(delay, undefined, { ref: false });
    const fault = fitting.find((rule) => rule.isFinal)?.fault ?? {};

    if (fault.hang === true) {
      request.resume();
    } else if (fault.status !== undefined) {
      request.resume();
      answerError(request, response, fault.status, fault.code ?? 'SlowDown');
    } else {
      await this.#forward(request, response, fault);
    }
  }

  async #forward(
    request: IncomingMessage,
    response: ServerResponse,
    { cutUploadAfter, truncateAfter }: Fault,
  ): Promise<void> {
    const outgoing = startRequest(this.#optionsOf(request));
    // A client that has gone has no more use for an answer.
    response.once('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    const sent =
      cutUploadAfter === undefined
        ? pipeline(request, outgoing)
        : pipeline(request, firstBytes(cutUploadAfter), outgoing);
    const [answer] = await Promise.race([answered, sent.then(() => answered)]);
    // The store may refuse an upload before it has come whole.
    sent.catch(() => undefined);
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (truncateAfter === undefined) await pipeline(answer, response);
    else await truncated(answer, response, truncateAfter);
  }

  #optionsOf({ method, url, headers }: IncomingMessage): RequestOptions {
    const { hostname, port } = this.#upstream;
    const { expect: _answeredHere, connection: _ofThisHop, ...passed } = headers;
    return {
      agent: this.#agent,
      host: hostname,
      port,
      headers: passed,
      ...(method !== undefined && { method }),
      ...(url !== undefined && { path: url }),
    };
  }

  #note(request: IncomingMessage, response: ServerResponse): SeenRequest {
    const { method = '', url: target = '' } = request;
    const { pathname, searchParams } = new URL(target, this.endpoint);
    const seen: SeenRequest = {
      method,
      target,
      path: decodeURIComponent(pathname),
      query: searchParams,
      begun: performance.now(),
      ended: undefined,
      status: undefined,
    };
    response.once('close', () => {
      seen.ended = performance.now();
      if (response.headersSent) seen.status = response.statusCode;
    });
    this.requests.push(seen);
    this.#waits = this.#waits.filter(({ match, count, resolve }) => {
      const come = this.seen(match).length >= count;
      if (come) resolve();
      return !come;
    });
    return seen;
  }
}

/** As S3 answers, with all the words that no client of ours may ever see. */
function answerError(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>The fault proxy says ${code}</Message><Resource>${encodeURI(url).replaceAll('&', '&amp;')}</Resource><RequestId>${PROXY_REQUEST_ID}</RequestId></Error>`;
  response.writeHead(status, {
    'Content-Type': 'application/xml',
    'Content-Length': Buffer.byteLength(body),
    'x-amz-request-id': PROXY_REQUEST_ID,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** The request id in the answers that the proxy makes up. */
export const PROXY_REQUEST_ID = 'TX-FAULT-PROXY-ID';

class CutOff extends Error {
  override readonly name = 'CutOff';
}

/** The first bytes of a stream, and then a failure. */
function firstBytes(limit: number) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let left = limit;
    for await (const chunk of source) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) throw new CutOff('The proxy cuts this upload off');
    }
  };
}

/** Passes the first bytes of an answer on, waits until they are out, and breaks the connection. */
async function truncated(
  answer: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<void> {
  let left = limit;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    await new Promise<void>((resolve, reject) => {
      response.write(chunk.subarray(0, left), (error) => (error ? reject(error) : resolve()));
    });
    left -= chunk.length;
    if (left <= 0) {
      response.destroy();
      return;
    }
  }
  response.end();
}
