import type { Socket } from 'node:net';

import { Refusal } from '../../auth/authenticator.js';
import type { RefusalReason } from '../../events/connection-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { SessionLimits } from '../../filesystem/session.js';
import { then } from '../../session/time-limit.js';
import type { Connection } from '../connection.js';
import type { ServerTimeouts } from '../server-options.js';
import { countedAs } from './address.js';
import type { LogInFailures } from './log-in-failures.js';
import type { Place } from './places.js';
import type { Refusals } from './refusals.js';

/** What a guest works with. */
export interface GuestParts {
  readonly id: string;
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly place: Place;
  readonly refusals: Refusals;
  readonly timeouts: Pick<ServerTimeouts, 'hello' | 'keyExchange' | 'login'>;
  /** Told when a failed log-in has locked the guest's address out. */
  readonly onLockout: (address: string, milliseconds: number) => void;
}

/** A TCP connection that has a place, from its first moment to its last, and the times that it has for each step. */
export class Guest {
  readonly id: string;
  readonly socket: Socket;
  /** Of the SSH connection, once the client has identified itself. */
  connection: Connection | undefined;
  /** Whether the balancer has yet to tell whom it speaks for. */
  awaitsHeader = false;
  /** Whether SSH may begin. */
  admitted = false;
  readonly #parts: GuestParts;
  readonly #loginTimer: NodeJS.Timeout;
  #stepTimer: NodeJS.Timeout;
  #address: string;
  #port: number;
  #failures: LogInFailures | undefined;
  #pending = true;
  #gone = false;

  constructor(parts: GuestParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.socket = parts.socket;
    this.#address = parts.address;
    this.#port = parts.port;
    const { hello, login } = parts.timeouts;
    this.#stepTimer = setTimeout(() => {
      const [reason, what] = this.awaitsHeader
        ? (['proxyProtocol', 'there is no whole PROXY header'] as const)
        : (['helloTimeout', 'it has not identified itself'] as const);
      this.refuse(reason, `${what} after ${hello} ms (option helloTimeout)`);
    }, hello);
    this.#loginTimer = setTimeout(() => {
      this.refuse('loginTimeout', `it has not logged in after ${login} ms (option loginTimeout)`);
    }, login);
    this.socket.once('close', () => {
      this.#leave();
    });
  }

  /** Of the client, in its canonical form; of the balancer until that has told. */
  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** Whether it has not logged in yet. */
  get pending(): boolean {
    return this.#pending;
  }

  /** Whether its connection has ended. */
  get gone(): boolean {
    return this.#gone;
  }

  /** A balancer has told whom it speaks for. */
  speaksFor(address: string, port: number): void {
    this.#address = address;
    this.#port = port;
  }

  /** Counts the guest as one from its address. @returns whether it may stay; never rejects */
  settle(): MaybePromise<boolean> {
    return then(this.#parts.place.comesFrom(countedAs(this.#address)), (shortage) => {
      if (shortage !== undefined) this.refuse(shortage.reason, shortage.detail);
      return shortage === undefined;
    });
  }

  /** From now on failures to log in count against the address. */
  countFailures(failures: LogInFailures): void {
    this.#failures = failures;
  }

  /** The client has sent its SSH identification. */
  identified(connection: Connection): void {
    this.connection = connection;
    const { keyExchange } = this.#parts.timeouts;
    clearTimeout(this.#stepTimer);
    this.#stepTimer = setTimeout(() => {
      this.refuse(
        'keyExchangeTimeout',
        `its first key exchange is not done after ${keyExchange} ms (option keyExchangeTimeout)`,
      );
    }, keyExchange);
  }

  /** The first key exchange is done. */
  keysExchanged(): void {
    clearTimeout(this.#stepTimer);
  }

  /**
   * Asks for a place for a user whom the authenticator lets in, before the client is told.
   *
   * @param limits of the user's own
   * @returns the refusal of the log-in when the user has too many sessions; it has been told by an event, and is
   *   to be logged; never rejects
   */
  admitUser(username: string, limits: SessionLimits): MaybePromise<Refusal | undefined> {
    const { place, refusals, id } = this.#parts;
    return then(place.admitUser(username, limits.maxSessionsPerUser), (shortage) => {
      if (shortage === undefined) return undefined;
      const { address, port } = this;
      if (!this.#gone) refusals.tellByEvent({ id, address, port, username }, shortage.reason);
      return new Refusal(shortage.detail);
    });
  }

  /** A log-in has failed, as what the client gave was wrong. */
  logInFailed(username: string, method: string): void {
    void this.#failures?.failed(username, method).then((locked) => {
      this.#lockedOut(locked);
    });
  }

  /** The client has been told that it is logged in. */
  loggedIn(username: string): void {
    this.#pending = false;
    clearTimeout(this.#loginTimer);
    this.#parts.place.loggedIn();
    void this.#failures?.loggedIn(username);
  }

  /** Ends the connection, and tells of it once. */
  refuse(reason: RefusalReason, detail: string): void {
    if (this.#gone) return;
    const { address, port } = this;
    const id = this.admitted ? this.id : undefined;
    this.#parts.refusals.tell({ id, address, port }, reason, detail);
    this.#leave();
    this.socket.destroy();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#stepTimer);
    clearTimeout(this.#loginTimer);
    this.#parts.place.leave();
    void this.#failures?.ended().then((locked) => {
      this.#lockedOut(locked);
    });
  }

  #lockedOut(milliseconds: number): void {
    if (milliseconds > 0) this.#parts.onLockout(this.#address, milliseconds);
  }
}
