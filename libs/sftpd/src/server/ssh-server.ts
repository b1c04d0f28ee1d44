import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';

import type { ClientInfo, Connection as SshConnection } from 'ssh2';

import type { Log } from '../events/log.js';
import { errorCode } from './error-code.js';
import { Connection } from './connection.js';
import { Handshakes } from './handshakes.js';
import type { HostKey } from './host-keys.js';
import type { ServerOptions } from './server-options.js';
import { PacketBuffers } from './packet-buffers.js';
import { hasNativeCrypto, takePacketsFrom } from './ssh2-internals.js';

/** A TCP connection, from its first moment to its last. */
interface Guest {
  readonly id: string;
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly loginTimer: NodeJS.Timeout;
  connection: Connection | undefined;
}

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
  readonly #guests = new Map<string, Guest>();
  readonly #perAddress = new Map<string, number>();
  readonly #idPrefix = randomBytes(3).toString('hex');
  #lastId = 0;

  /** @throws Error that names the option and the fix when the host keys cannot be used */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#packets = new PacketBuffers(options.buffers);
    this.#handshakes = new Handshakes(options, (client, info) => {
      this.#onIdentified(client, info);
    });
    // Without Nagle's algorithm small replies do not wait for the client's delayed acknowledgements.
    this.#listener = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.#admit(socket);
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
      throw new Error(bindProblem(error, host, port), { cause: error });
    }
    this.#log.debug(
      hasNativeCrypto()
        ? "ssh2's native addon is in use"
        : "ssh2's native addon cannot be loaded: encryption runs in JavaScript, several times slower",
    );
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
    const guests = [...this.#guests.values()];
    const connections = guests.flatMap((guest) => guest.connection ?? []);
    for (const guest of guests) if (!guest.connection) guest.socket.destroy();
    const timer = setTimeout(() => {
      this.#terminateAll();
    }, this.#options.timeouts.drain);
    await Promise.all([closed, ...connections.map((connection) => connection.drain())]);
    clearTimeout(timer);
    await Promise.all(connections.map((connection) => connection.settled()));
  }

  #terminateAll(): void {
    if (this.#guests.size > 0) {
      this.#log.warn(`${this.#guests.size} connections are cut off: the drain time-out is over`);
    }
    for (const guest of this.#guests.values()) {
      if (guest.connection) guest.connection.terminate('the server has stopped');
      else guest.socket.destroy();
    }
  }

  #admit(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    socket.on('error', (error) => {
      this.#log.debug(`A socket failed: ${error.message}`);
    });
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
    const refusal = this.#refusalOf(address);
    if (refusal !== undefined) {
      this.#log.warn(`A connection from ${address} was refused: ${refusal}`);
      socket.destroy();
      return;
    }
    const loginTimer = setTimeout(() => {
      this.#log.warn(`[${guest.id}] ${address} has not logged in in time (option loginTimeout)`);
      socket.destroy();
    }, this.#options.timeouts.login);
    const guest: Guest = {
      id: `${this.#idPrefix}-${++this.#lastId}`,
      socket,
      address,
      port: remotePort,
      loginTimer,
      connection: undefined,
    };
    const key = guestKey(remoteAddress, remotePort);
    this.#guests.set(key, guest);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    socket.once('close', () => {
      this.#dismiss(key, guest);
    });
    this.#log.debug(`[${guest.id}] Connection from ${address} port ${remotePort}`);
    this.#packets.reclaimFrom(socket);
    this.#handshakes.begin(socket);
  }

  #refusalOf(address: string): string | undefined {
    const { maxSessions, maxSessionsPerAddress } = this.#options.limits;
    if (this.#guests.size >= maxSessions) return `${maxSessions} are open (option maxSessions)`;
    if ((this.#perAddress.get(address) ?? 0) >= maxSessionsPerAddress) {
      return `${maxSessionsPerAddress} are open from there (option maxSessionsPerAddress)`;
    }
    return undefined;
  }

  #dismiss(key: string, guest: Guest): void {
    clearTimeout(guest.loginTimer);
    this.#guests.delete(key);
    const left = (this.#perAddress.get(guest.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(guest.address, left);
    else this.#perAddress.delete(guest.address);
  }

  /** ssh2 tells of a connection once the client has sent its identification. */
  #onIdentified(client: SshConnection, info: ClientInfo): void {
    const guest = this.#guests.get(guestKey(info.ip, info.port));
    if (guest === undefined) {
      client.on('error', () => undefined);
      client.end();
      return;
    }
    const { id, socket, address, port, loginTimer } = guest;
    const { versions, comments } = info.header;
    const ident = [versions.software, comments].filter(Boolean).join(' ');
    const peer = { address, port, ident };
    takePacketsFrom(client, this.#packets);
    guest.connection = new Connection({ id, client, socket, peer }, this.#options);
    client.once('ready', () => {
      clearTimeout(loginTimer);
    });
  }
}

/** A peer's address and port name its socket for as long as it is open. */
function guestKey(address: string, port: number): string {
  return `${address} ${port}`;
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
