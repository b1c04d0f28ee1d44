import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';

import type { ClientInfo, Connection as SshConnection } from 'ssh2';

import type { Log } from '../events/log.js';

import { ByteBudget } from '../session/byte-budget.js';
import { Admission } from './admission/admission.js';
import type { Guest } from './admission/guest.js';
import { BusyPoll } from './busy-poll.js';
import { describeEncryption } from './describe-encryption.js';
import { errorCode } from './error-code.js';
import { Connection } from './connection.js';
import { Handshakes } from './handshakes.js';
import type { HostKey } from './host-keys.js';
import type { LiveSession } from './live-sessions.js';
import type { ServerOptions } from './server-options.js';
import { traceServer } from './server-trace.js';
import { PacketBuffers } from './packet-buffers.js';
import { socketOf, takePacketsFrom, usesNativeAddon } from './ssh2-internals.js';
import { WindowBudget } from './window-budget.js';

/**
 * Listens for SSH connections and looks after them until they end. It owns the sockets and hands each to ssh2,
 * so that limits hold before the first byte of SSH.
 */
export class SshServer {
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #handshakes: Handshakes;
  readonly #listener: NetServer;
  readonly #packets: PacketBuffers;
  readonly #budget: ByteBudget;
  readonly #windows: WindowBudget;
  readonly #busyPoll: BusyPoll;
  readonly #admission: Admission;
  /** Connections that are not over, though their sockets may be closed. */
  readonly #connections = new Set<Connection>();
  #trace: ReturnType<typeof traceServer>;

  /** @throws Error that names the option and the fix when the host keys cannot be used */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#packets = new PacketBuffers(options.buffers);
    this.#budget = new ByteBudget(options.limits.maxBufferedBytesTotal);
    this.#windows = new WindowBudget(options.limits.maxReceiveWindowTotal);
    this.#busyPoll = new BusyPoll(options.busyPoll);
    this.#admission = new Admission(options);
    this.#handshakes = new Handshakes(options, (client, info) => {
      this.#onIdentified(client, info);
    });
    // Without Nagle's algorithm small replies do not wait for the client's delayed acknowledgements.
    const socketOptions = { noDelay: true, keepAlive: true, pauseOnConnect: true };
    this.#listener = createServer(socketOptions, (socket) => {
      void this.#admit(socket);
    });
  }

  /** Where the server listens, or `null`. */
  address(): AddressInfo | null {
    const address = this.#listener.address();
    return typeof address === 'string' ? null : address;
  }

  /** @throws Error that names the option and the fix when the address cannot be bound */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    try {
      this.#listener.listen({ port, ...(host !== undefined && { host }) });
      await once(this.#listener, 'listening');
    } catch (error) {
      const problem = new Error(bindProblem(error, host, port), { cause: error });
      traceServer(host, port)?.finish({ error: problem });
      throw problem;
    }
    const bound = this.address();
    this.#trace = traceServer(bound?.address, bound?.port ?? port);
    this.#log.debug(describeEncryption(usesNativeAddon()));
    this.#listener.on('error', (error) => {
      this.#log.error('The listening socket failed', error.stack);
    });
  }

  /**
   * Uses other host keys for new connections; those that have begun keep theirs.
   *
   * @throws Error that names the option and the fix when they cannot be used; all stays as it was
   */
  useHostKeys(hostKeys: readonly HostKey[]): void {
    this.#handshakes.useHostKeys(hostKeys);
  }

  /** Who is logged in at this moment, in the order in which they came. */
  sessions(): LiveSession[] {
    return this.#admission.guests.flatMap(({ connection }) => connection?.live() ?? []);
  }

  /**
   * Ends a session now; what it has open is aborted.
   *
   * @returns whether there is one of that id
   */
  endSession(id: string): boolean {
    const found = this.#admission.guests.find(
      ({ connection }) => connection?.live()?.session.id === id,
    );
    found?.connection?.terminate('the server has ended the session');
    return found !== undefined;
  }

  /** @param paused whether new connections are refused */
  set paused(paused: boolean) {
    this.#admission.paused = paused;
  }

  /**
   * Stops accepting, lets running transfers end within the drain time-out, then ends what is left.
   * Settles when all connections are closed and all files let go.
   */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#listener.close(() => {
        resolve();
      });
    });
    const { guests } = this.#admission;
    const connections = [...this.#connections];
    for (const guest of guests) if (!guest.connection) guest.socket.destroy();
    const timer = setTimeout(() => {
      this.#terminateAll();
    }, this.#options.timeouts.drain);
    await Promise.all([closed, ...connections.map((connection) => connection.drain())]);
    clearTimeout(timer);
    await Promise.all(connections.map((connection) => connection.closed));
    this.#admission.close();
    this.#trace?.finish({});
  }

  #terminateAll(): void {
    const { guests } = this.#admission;
    if (guests.length > 0) {
      this.#log.warn(`${guests.length} connections are cut off: the drain time-out is over`);
    }
    for (const guest of guests) {
      if (guest.connection) guest.connection.terminate('the server has stopped');
      else guest.socket.destroy();
    }
  }

  async #admit(socket: Socket): Promise<void> {
    const guest = await this.#admission.admit(socket);
    if (guest === undefined) return;
    this.#packets.reclaimFrom(socket);
    this.#handshakes.begin(socket);
  }

  /** ssh2 tells of a connection once the client has sent its identification. */
  #onIdentified(client: SshConnection, info: ClientInfo): void {
    const guest = this.#guestOf(client, info);
    if (guest === undefined || guest.gone) {
      client.on('error', () => undefined);
      client.end();
      return;
    }
    const { id, socket, address, port } = guest;
    const { versions, comments } = info.header;
    const ident = [versions.software, comments].filter(Boolean).join(' ');
    const peer = { address, port, ident };
    takePacketsFrom(client, this.#packets);
    const shared = { budget: this.#budget, windows: this.#windows, busyPoll: this.#busyPoll };
    const parts = { id, client, socket, peer, guest, ...shared };
    const connection = new Connection(parts, this.#options);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    guest.identified(connection);
    client.once('handshake', () => {
      guest.keysExchanged();
    });
  }

  /** By its socket; where ssh2 does not tell that, by the address and port of the socket's other end. */
  #guestOf(client: SshConnection, { ip, port }: ClientInfo): Guest | undefined {
    const socket = socketOf(client);
    if (socket !== undefined) return this.#admission.guestOf(socket);
    return this.#admission.guests.find(
      (guest) => guest.socket.remoteAddress === ip && guest.socket.remotePort === port,
    );
  }
}

function bindProblem(error: unknown, host: string | undefined, port: number): string {
  const code = errorCode(error);
  const where = host ?? 'all addresses';
  switch (code) {
    case 'EADDRINUSE':
      return `port: ${port} on ${where} is in use. Stop what listens there, or set another port (0 takes any that is free)`;
    case 'EACCES':
      return `port: ${port} on ${where} may not be bound by this user. Set a port above 1023, or grant the right (CAP_NET_BIND_SERVICE)`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `host: ${where} is no address of this machine. Set host to one that is, or leave it out for all`;
    default:
      return `port: ${port} on ${where} cannot be bound (${String(error)})`;
  }
}
