import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay in front of a server that counts what clients send, for tests that have to act in mid-transfer. */
export interface TcpRelay {
  readonly port: number;
  /** Settles when so many bytes of clients have been passed on; not one more is until {@link resume}. */
  readonly reached: Promise<void>;
  /** Bytes of clients that have been passed on. */
  readonly passed: number;
  /** Lets go of what waits, and of all that comes. */
  resume(): void;
  /** Ends both sides of every connection. */
  cut(): void;
  stop(): Promise<void>;
}

/**
 * Starts a relay.
 *
 * @param port of the server, on the loopback interface
 * @param holdAfter bytes of the clients after which it holds them up; `Infinity` for never
 */
export async function startTcpRelay(port: number, holdAfter: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  let left = holdAfter;
  let passed = 0;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const server = createServer((client) => {
    const upstream = connect({ port, host: '127.0.0.1' });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(client);
    client.once('end', () => upstream.end());
    client.on('data', (chunk: Buffer) => {
      const now = chunk.subarray(0, left);
      left -= now.length;
      passed += now.length;
      upstream.write(now, () => {
        if (left === 0) reach();
      });
      if (left > 0) return;
      client.pause();
      if (now.length < chunk.length) client.unshift(chunk.subarray(now.length));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    reached,
    get passed() {
      return passed;
    },
    resume: () => {
      left = Infinity;
      for (const socket of sockets) socket.resume();
    },
    cut,
    stop: async () => {
      cut();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
