import type { Socket } from 'node:net';

import type { Connection as SshConnection } from 'ssh2';

import { isExchangingKeys } from './ssh2-internals.js';

/** When a connection gets new keys, and who wants to know. */
export interface RekeyingOptions {
  readonly client: SshConnection;
  readonly socket: Pick<Socket, 'bytesRead' | 'bytesWritten'>;
  /** Bytes either way after which the server asks for new keys. */
  readonly bytes: number;
  /** Milliseconds after which it does. */
  readonly interval: number;
  /** Milliseconds that a client gets for an exchange. */
  readonly timeout: number;
  /** When the client has last done something, as `Date.now()` gives it; questions of a keep-alive are nothing. */
  readonly lastActivity: () => number;
  /** Told when there are new keys, whoever has asked for them. */
  readonly onDone: () => void;
  /** Told when an exchange has not come to its end in time. */
  readonly onTimeout: () => void;
}

/**
 * Sees to it that the keys of a connection are not used for too long (RFC 4253, section 9), and that an exchange
 * of keys comes to an end. Until it does nothing but the exchange may be sent: what else there is has to wait, so
 * whoever sends should make no more while it is {@link underWay}.
 */
export class Rekeying {
  readonly #options: RekeyingOptions;
  #running = false;
  #bytesRead = 0;
  #bytesWritten = 0;
  #exchangedAt = 0;
  /** The interval is over, and nothing has moved in it. */
  #due = false;
  #interval: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: RekeyingOptions) {
    this.#options = options;
    options.client.on('rekey', () => {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      if (this.#running) this.#countAnew();
      options.onDone();
    });
  }

  /** Whether keys are being exchanged. */
  get underWay(): boolean {
    return this.#patience !== undefined || isExchangingKeys(this.#options.client);
  }

  /** To be called when the client has logged in: what came before is not counted. */
  start(): void {
    this.#running = true;
    this.#countAnew();
  }

  /** To be called when bytes have come or gone; it costs next to nothing. */
  check(): void {
    if (!this.#running || this.#patience !== undefined) return;
    const { client, socket, bytes } = this.#options;
    if (isExchangingKeys(client)) {
      this.#awaitEnd();
    } else if (
      socket.bytesRead - this.#bytesRead >= bytes ||
      socket.bytesWritten - this.#bytesWritten >= bytes ||
      (this.#due && this.#hasMoved())
    ) {
      this.#exchange();
    }
  }

  /** To be called when the connection comes to its end. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#interval);
    clearTimeout(this.#patience);
  }

  #countAnew(): void {
    const { socket, interval } = this.#options;
    this.#bytesRead = socket.bytesRead;
    this.#bytesWritten = socket.bytesWritten;
    this.#exchangedAt = Date.now();
    this.#due = false;
    clearTimeout(this.#interval);
    this.#interval = setTimeout(() => {
      // The keys of an idle connection protect nothing new.
      this.#due = true;
      this.check();
    }, interval).unref();
  }

  #hasMoved(): boolean {
    return this.#options.lastActivity() > this.#exchangedAt;
  }

  #exchange(): void {
    this.#options.client.rekey();
    this.#awaitEnd();
  }

  #awaitEnd(): void {
    this.#patience = setTimeout(() => {
      this.#options.onTimeout();
    }, this.#options.timeout).unref();
  }
}
