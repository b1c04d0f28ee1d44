import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { within } from '../../support/raw-transport.js';

/** A TCP connection that speaks no SSH by itself. Half-open: the end of the server's side does not end ours. */
export class TcpPeer {
  readonly socket: Socket;
  /** Settles when the server has closed or reset the connection. */
  readonly cut: Promise<void>;
  #received = Buffer.alloc(0);

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect({ port, host, allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    this.cut = new Promise((resolve) => {
      this.socket.once('end', resolve).once('close', () => {
        resolve();
      });
      this.socket.on('error', () => undefined);
    });
  }

  /** What the server has sent so far. */
  get received(): Buffer {
    return this.#received;
  }

  async connected(): Promise<this> {
    if (this.socket.connecting) await within(once(this.socket, 'connect'), 'the TCP connection');
    return this;
  }

  send(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Waits for the server to close the connection. */
  async untilCut(what: string): Promise<void> {
    await within(this.cut, `the server to close ${what}`);
    this.socket.destroy();
  }
}

/** Whether something accepts TCP connections there. */
export async function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await within(once(socket, 'connect'), `a TCP connection to port ${port}`);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
