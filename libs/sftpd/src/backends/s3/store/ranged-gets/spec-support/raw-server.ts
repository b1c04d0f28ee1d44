import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** Answers one request by hand. */
export type Answer = (peer: Socket, request: string) => void;

/** A server that sends what a spec says, be it HTTP or not. */
export class RawServer {
  /** The heads of all requests. */
  readonly requests: string[] = [];
  /** All connections so far. */
  readonly peers: Socket[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * @param answers to the requests in their order; the last one answers all that follow
   * @param secure key and certificate
   * @default secure no TLS
   */
  static async start(
    answers: readonly Answer[],
    secure?: { key: Buffer; cert: Buffer },
  ): Promise<RawServer> {
    const server = secure ? createTlsServer(secure) : createServer();
    const raw = new RawServer(server);
    server.on(secure ? 'secureConnection' : 'connection', (peer: Socket) => {
      raw.peers.push(peer);
      let come = '';
      peer.on('error', () => undefined);
      peer.on('data', (chunk) => {
        come += chunk.toString('latin1');
        for (let end = come.indexOf('\r\n\r\n'); end >= 0; end = come.indexOf('\r\n\r\n')) {
          const request = come.slice(0, end + 4);
          come = come.slice(end + 4);
          raw.requests.push(request);
          answers[Math.min(raw.requests.length, answers.length) - 1]?.(peer, request);
        }
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return raw;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts all connections. */
  async stop(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Settles when a connection is closed, whether it ends or is reset. */
export async function closed(peer: Socket | undefined): Promise<void> {
  if (peer === undefined || peer.closed) return;
  await new Promise((resolve) => peer.once('close', resolve));
}

/** An answer with a body of known length. */
export function plain(body: Buffer | string, more = ''): Answer {
  return (peer) => {
    const bytes = Buffer.from(body);
    peer.write(
      `HTTP/1.1 206 Partial Content\r\nContent-Length: ${bytes.length}\r\nETag: "e"\r\n${more}\r\n`,
    );
    peer.write(bytes);
  };
}

/** Exactly these bytes. */
export function bytes(text: string): Answer {
  return (peer) => {
    peer.write(text, 'latin1');
  };
}
