import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay in front of a server that passes so many bytes of its clients on, and not one more. */
export interface CutRelay {
  readonly port: number;
  /** Settles when the last byte that may pass has passed. */
  readonly reached: Promise<void>;
  /** Bytes of the clients that have come so far. */
  readonly sent: number;
  /** Ends both sides of every connection. */
  cut(): void;
  stop(): Promise<void>;
}

/**
 * Starts a relay.
 *
 * @param port of the server, on the loopback interface
 * @param limit bytes of the clients that it passes on
 */
export async function startCutRelay(port: number, limit: number): Promise<CutRelay> {
  const sockets = new Set<Socket>();
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  let sent = 0;
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
      const passed = chunk.subarray(0, Math.max(limit - sent, 0));
      sent += chunk.length;
      upstream.write(passed, () => {
        if (sent >= limit) reach();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    reached,
    get sent() {
      return sent;
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
