import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that takes its time. */
export interface LongWay {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Puts a server further away: all that is sent comes later, in full and in order, however much of it there is.
 *
 * @param port of the server, on the loopback interface
 * @param roundTrip milliseconds there and back
 */
export async function longWayTo(port: number, roundTrip: number): Promise<LongWay> {
  const sockets = new Set<Socket>();
  const later = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => setTimeout(() => to.write(chunk), roundTrip / 2));
    from.on('end', () => setTimeout(() => to.end(), roundTrip / 2));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      setTimeout(() => to.destroy(), roundTrip / 2);
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    later(client, upstream);
    later(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
