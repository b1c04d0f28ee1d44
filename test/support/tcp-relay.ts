import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay in front of a server that counts what clients send, for tests that have to act in mid-transfer. */
export interface TcpRelay {
  readonly port: number;
  /** Settles when clients have sent so many bytes; what they send after that waits for {@link resume}. */
  readonly reached: Promise<void>;
  /** Lets go of what waits, and of all that comes. */
  resume(): void;
  stop(): Promise<void>;
}

/**
 * Starts a relay.
 *
 * @param port of the server, on the loopback interface
 * @param holdAfter bytes of the clients after which it holds them up
 */
export async function startTcpRelay(port: number, holdAfter: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  let left = holdAfter;

  const server = createServer((client) => {
    const upstream = connect({ port, host: '127.0.0.1' });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk);
      left -= chunk.length;
      if (left > 0) return;
      client.pause();
      reach();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    reached,
    resume: () => {
      left = Infinity;
      for (const socket of sockets) socket.resume();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
