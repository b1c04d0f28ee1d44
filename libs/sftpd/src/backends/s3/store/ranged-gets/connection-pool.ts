import { abortError, closedError } from './connection-errors.js';
import {
  type Connect,
  Connection,
  type ConnectionOwner,
  type ConnectionTimeouts,
} from './connection.js';

interface Waiter {
  readonly fresh: boolean;
  readonly give: (connection: Connection) => void;
  readonly refuse: (error: Error) => void;
}

/** The connections to one server: those that are free are used again, and beyond a limit requests wait in line. */
export class ConnectionPool implements ConnectionOwner {
  readonly #connect: Connect;
  readonly #limit: number;
  readonly #timeouts: ConnectionTimeouts;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #line = new Set<Waiter>();

  /** @param limit connections at once */
  constructor(connect: Connect, limit: number, timeouts: ConnectionTimeouts) {
    this.#connect = connect;
    this.#limit = limit;
    this.#timeouts = timeouts;
  }

  /**
   * A connection, which may still have to be made: what is sent waits until it stands. Who takes it sends a request
   * at once.
   *
   * @param fresh whether one that has been used will not do
   * @throws Error `AbortError` when the signal aborts while the request waits in line
   */
  take(fresh: boolean, signal?: AbortSignal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#line.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        fresh,
        give: (connection) => {
          leave();
          resolve(connection);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = (): void => {
        if (signal) waiter.refuse(abortError(signal));
      };
      signal?.addEventListener('abort', abort);
      this.#line.add(waiter);
      this.#serve();
    });
  }

  /** @internal For its connections. */
  idle(connection: Connection): void {
    this.#idle.push(connection);
    this.#serve();
  }

  /** @internal For its connections. */
  closed(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#serve();
  }

  /** Closes all connections; requests that wait for one are refused. */
  destroy(): void {
    for (const waiter of this.#line) waiter.refuse(closedError('The connections were closed'));
    for (const connection of this.#all) connection.destroy();
  }

  #serve(): void {
    for (const waiter of this.#line) {
      // The one that was used last is the least likely to have been closed meanwhile.
      const used = waiter.fresh ? undefined : this.#idle.pop();
      if (used === undefined && this.#all.size >= this.#limit) {
        // Makes room, if that can be; its end serves the line.
        if (waiter.fresh) this.#idle[0]?.destroy();
        return;
      }
      waiter.give(used ?? this.#open());
    }
  }

  #open(): Connection {
    const connection = new Connection(this.#connect, this.#timeouts, this);
    this.#all.add(connection);
    return connection;
  }
}
