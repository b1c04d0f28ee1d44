import type { OnReadOpts, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { abortError, closedError, timeoutError } from './connection-errors.js';
import { ReadBuffer } from './read-buffer.js';

/** Who takes what comes over a {@link Connection}. */
export interface Receiver {
  /**
   * Bytes have come.
   *
   * @param chunk valid only during the call
   * @returns how many of them are taken; the others come again, with those that follow or after a resume
   */
  bytes(chunk: Buffer): number;
  /**
   * No more will come, and the connection is gone.
   *
   * @param error why
   * @default error the other side has ended it
   */
  ended(error?: Error): void;
}

/** Who keeps a {@link Connection}. */
export interface ConnectionOwner {
  /** It can be used again. */
  idle(connection: Connection): void;
  /** It is gone. */
  closed(connection: Connection): void;
}

/** Milliseconds that a connection may take. */
export interface ConnectionTimeouts {
  /** Until it stands. */
  readonly connect: number;
  /** Without a byte while an answer is awaited. */
  readonly silence: number;
  /** Without use. */
  readonly idle: number;
}

/** Begins to connect; what comes is read as the options say. */
export type Connect = (onread: OnReadOpts) => Socket;

/**
 * One connection to the store, which reads into one buffer of its own, again and again: what comes is seen by its
 * receiver of the moment and never copied here. It carries one request after another; a byte that comes when nobody
 * is to receive it ends it.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #read = new ReadBuffer();
  readonly #timeouts: ConnectionTimeouts;
  readonly #owner: ConnectionOwner;
  #connectTimer: NodeJS.Timeout | undefined;
  #receiver: Receiver | undefined;
  #forgetSignal: () => void = () => undefined;
  #uses = 0;
  #paused = false;
  #delivering = false;
  /** Whether an answer has just become complete, and the connection may be kept. */
  #complete: { readonly reusable: boolean } | undefined;
  /** Whether the other side has ended it. */
  #ended = false;
  #closed = false;

  constructor(connect: Connect, timeouts: ConnectionTimeouts, owner: ConnectionOwner) {
    this.#timeouts = timeouts;
    this.#owner = owner;
    this.#socket = connect({
      buffer: () => this.#read.room(),
      callback: (count) => {
        this.#read.filled(count);
        return this.#deliver();
      },
    });
    this.#socket.on('error', (error) => {
      this.destroy(error);
    });
    this.#socket.on('end', () => {
      this.#ended = true;
      this.#deliver();
    });
    this.#socket.on('close', () => {
      if (!this.#ended) this.destroy();
    });
    this.#socket.on('timeout', () => {
      this.destroy(timeoutError(`The store was silent for ${timeouts.silence} ms`));
    });
    this.#connectTimer = setTimeout(() => {
      this.destroy(timeoutError(`There was no connection to the store in ${timeouts.connect} ms`));
    }, timeouts.connect);
    this.#connectTimer.unref();
    this.#socket.once(this.#socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      clearTimeout(this.#connectTimer);
      this.#connectTimer = undefined;
      this.#socket.setTimeout(timeouts.silence);
    });
  }

  /** Whether it has carried another request before the one that it carries now. */
  get usedBefore(): boolean {
    return this.#uses > 1;
  }

  /**
   * Sends a request.
   *
   * @param receiver of what comes, until {@link finish}; it hears of the end of the connection once
   * @param signal whose abort ends the connection
   */
  send(head: string, receiver: Receiver, signal?: AbortSignal): void {
    if (this.#closed) {
      receiver.ended(closedError('The connection was closed'));
      return;
    }
    this.#uses += 1;
    this.#complete = undefined;
    this.#receiver = receiver;
    if (signal?.aborted === true) {
      this.destroy(abortError(signal));
      return;
    }
    this.#socket.ref();
    if (this.#connectTimer === undefined) this.#socket.setTimeout(this.#timeouts.silence);
    if (signal) {
      const abort = (): void => {
        this.destroy(abortError(signal));
      };
      signal.addEventListener('abort', abort);
      this.#forgetSignal = () => {
        signal.removeEventListener('abort', abort);
      };
    }
    this.#socket.write(head, 'latin1');
  }

  /** From now on another one receives what comes: the body after the head. */
  passTo(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  /** Brings nothing more before {@link resume}, but for what has been read already. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  /** Brings what has been held back, and all that follows. */
  resume(): void {
    this.#paused = false;
    if (this.#deliver()) this.#socket.resume();
  }

  /**
   * The answer is complete; to be called while its last bytes are being received.
   *
   * @param reusable whether the other side means to keep the connection
   */
  finish(reusable: boolean): void {
    this.#forgetSignal();
    this.#receiver = undefined;
    this.#complete = { reusable };
    this.#paused = false;
  }

  /** Closes the connection at once; its receiver is told why. */
  destroy(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.#forgetSignal();
    this.#socket.destroy();
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#owner.closed(this);
    receiver?.ended(error);
  }

  /** Brings what has been read. @returns whether more may be read */
  #deliver(): boolean {
    // The receiver may resume while it receives: what is left is brought by the call that is under way.
    if (!this.#delivering) {
      this.#delivering = true;
      while (this.#receiver && !this.#paused && this.#read.length > 0) {
        const taken = this.#receiver.bytes(this.#read.bytes());
        this.#read.take(taken);
        if (taken === 0) break;
      }
      this.#delivering = false;
      this.#settle();
    }
    return !this.#closed && !this.#paused;
  }

  /** Does what follows from the end of an answer, or of the connection. */
  #settle(): void {
    if (this.#closed) return;
    if (this.#receiver) {
      if (this.#ended && !this.#paused) this.destroy();
      return;
    }
    const reusable = this.#complete?.reusable === true && !this.#ended;
    if (reusable && this.#read.length === 0) this.#rest();
    else this.destroy();
  }

  #rest(): void {
    this.#socket.setTimeout(this.#timeouts.idle);
    this.#socket.unref();
    this.#owner.idle(this);
  }
}
