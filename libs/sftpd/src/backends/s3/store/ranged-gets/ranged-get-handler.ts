import net, { isIP } from 'node:net';
import tls from 'node:tls';

import { abortError, closedError, requestFailure } from './connection-errors.js';
import type { Connect, ConnectionTimeouts } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { exchange } from './exchange.js';
import type {
  HandlerOptions,
  HttpRequest,
  HttpResponse,
  RequestHandler,
} from './request-handler.js';
import { rangedGetHead } from './request-head.js';

/** How a {@link RangedGetHandler} connects. */
export interface RangedGetOptions {
  /** Connections to one server at once; further requests wait in line. */
  readonly maxSockets: number;
  readonly timeouts: ConnectionTimeouts;
  /** Further options of https connections. @default what Node takes from its environment */
  readonly tls?: tls.ConnectionOptions;
}

/**
 * Sends GETs of ranges over connections of its own, and everything else by another handler. Node's HTTP client
 * allocates 64 KiB outside the heap for each piece of a body, and V8 makes a full collection for each 10 MiB of
 * that; here bytes stay in the one buffer of their connection until their reader has taken them.
 *
 * What is signed, where it goes and whether it is tried again remains the SDK's business.
 */
export class RangedGetHandler implements RequestHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly #others: RequestHandler;
  readonly #options: RangedGetOptions;
  readonly #pools = new Map<string, ConnectionPool>();

  /** @param others for all other requests; it is destroyed with this one */
  constructor(others: RequestHandler, options: RangedGetOptions) {
    this.#others = others;
    this.#options = options;
  }

  async handle(
    request: HttpRequest,
    options: HandlerOptions = {},
  ): Promise<{ response: HttpResponse }> {
    const head = rangedGetHead(request);
    const { abortSignal: signal } = options;
    if (head === undefined || !(signal === undefined || signal instanceof AbortSignal)) {
      return this.#others.handle(request, options);
    }
    if (signal?.aborted === true) throw abortError(signal);
    return { response: await this.#get(this.#poolOf(request), head, signal) };
  }

  /** Closes all connections. */
  destroy(): void {
    for (const pool of this.#pools.values()) pool.destroy();
    this.#others.destroy?.();
  }

  async #get(pool: ConnectionPool, head: string, signal?: AbortSignal): Promise<HttpResponse> {
    try {
      const answer =
        (await exchange(await pool.take(false, signal), head, signal)) ??
        (await exchange(await pool.take(true, signal), head, signal));
      if (answer) return answer;
      throw closedError('The store has closed the connection without an answer');
    } catch (error) {
      throw requestFailure(error);
    }
  }

  #poolOf(request: HttpRequest): ConnectionPool {
    const { maxSockets, timeouts, tls: secure } = this.#options;
    const origin = `${request.protocol}//${request.hostname}:${request.port ?? ''}`;
    const known = this.#pools.get(origin);
    if (known) return known;
    const pool = new ConnectionPool(connectTo(request, secure), maxSockets, timeouts);
    this.#pools.set(origin, pool);
    return pool;
  }
}

/** Connects as Node's agents do, with what they take from the environment (`NODE_EXTRA_CA_CERTS` and the like). */
function connectTo(
  { protocol, hostname, port }: HttpRequest,
  more?: tls.ConnectionOptions,
): Connect {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol !== 'https:') {
    return (onread) => net.connect({ host, port: port ?? 80, noDelay: true, onread });
  }
  const secure = {
    host,
    port: port ?? 443,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
    ...more,
  };
  return (onread) => {
    const options = { ...secure, onread };
    return tls.connect(options).setNoDelay(true);
  };
}
