import type { Socket } from 'node:net';

import { isTraced, sftpTracing, Trace } from '../events/tracing.js';
import type { ConnectionMessage } from '../events/tracing-messages.js';
import type { SftpPeer, SftpSession } from '../filesystem/session.js';

/** Tells the tracing channels of one connection. */
export class ConnectionTrace {
  readonly #trace: Trace<ConnectionMessage>;
  readonly #socket: Socket;

  constructor(id: string, peer: SftpPeer, socket: Socket) {
    this.#socket = socket;
    this.#trace = new Trace(sftpTracing.connection, {
      connectionId: id,
      peer,
      session: undefined,
      bytesReceived: 0,
      bytesSent: 0,
      duration: undefined,
      error: undefined,
    });
  }

  loggedIn(session: SftpSession | undefined): void {
    this.#trace.note({ session });
  }

  /** @param error what ssh2 or the network says, if that was the end */
  failed(error: Error): void {
    this.#trace.note({ error });
  }

  closed(): void {
    const { bytesRead: bytesReceived, bytesWritten: bytesSent } = this.#socket;
    this.#trace.finish({ bytesReceived, bytesSent });
  }
}

/** @returns nothing when nobody is told of connections */
export function traceConnection(
  id: string,
  peer: SftpPeer,
  socket: Socket,
): ConnectionTrace | undefined {
  return isTraced(sftpTracing.connection) ? new ConnectionTrace(id, peer, socket) : undefined;
}
