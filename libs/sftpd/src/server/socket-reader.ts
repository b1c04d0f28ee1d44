import type { Socket } from 'node:net';

import type { BufferPool } from '../session/buffer-pool.js';
import { readInto } from './node-internals.js';

/** Bytes that a connection can read at once while little comes: what it keeps for as long as it lasts. */
const SMALL_BYTES = 16 * 1024;
/** The same while much comes: one of the pool's sizes. */
const LARGE_BYTES = 256 * 1024;

/** Messages of which nobody keeps a part when the channels hold nothing (RFC 4254, section 5.2). */
const CHANNEL_WINDOW_ADJUST = 93;
const CHANNEL_DATA = 94;

/** What a {@link SocketReader} is to know. */
export interface SocketReaderParts {
  readonly socket: Socket;
  readonly buffers: BufferPool;
  /** Whether what comes next is likely to be kept, as there is no room for it where it goes. */
  readonly backedUp: () => boolean;
  /** Whether somebody still looks at memory that has been handed on. */
  readonly kept: (memory: ArrayBufferLike) => boolean;
}

/**
 * Reads a socket into memory that is used again. Left to itself, Node allocates 64 KiB for each read, and so makes
 * garbage of every byte of an upload: collecting it takes more time than decrypting it.
 *
 * What is read is handed on by the socket's event `data` and belongs to the listeners during the event only. Memory
 * that one of them keeps all the same is left to them, and fresh memory is used from then on.
 */
export class SocketReader {
  readonly #parts: SocketReaderParts;
  #small = Buffer.alloc(0);
  /** While much comes. */
  #large: Buffer | undefined;
  /** Whether a message has come of which ssh2 may keep a part, as it does of those of a key exchange. */
  #oddMessage = false;

  constructor(parts: SocketReaderParts) {
    this.#parts = parts;
  }

  /**
   * Takes the reading over. To be called while the socket flows, so that nothing waits in its stream.
   *
   * @returns false where it cannot be had; the socket then goes on reading by itself
   */
  start(): boolean {
    const { socket } = this.#parts;
    if (socket.destroyed || socket.readableFlowing !== true || socket.readableLength > 0) {
      return false;
    }
    this.#small = Buffer.allocUnsafeSlow(SMALL_BYTES);
    return readInto(socket, this.#small, (chunk) => this.#onRead(chunk));
  }

  /** A message of the client has come, in what is being handed on. */
  message(type: number): void {
    if (type !== CHANNEL_DATA && type !== CHANNEL_WINDOW_ADJUST) this.#oddMessage = true;
  }

  /** The socket is closed. */
  stop(): void {
    if (this.#large !== undefined) this.#parts.buffers.give(this.#large);
    this.#large = undefined;
  }

  #onRead(chunk: Buffer): Buffer {
    const { socket, backedUp } = this.#parts;
    if (backedUp()) {
      // A copy takes no more than there is to keep.
      socket.emit('data', Buffer.from(chunk));
    } else {
      this.#oddMessage = false;
      socket.emit('data', chunk);
      if (this.#isKept(chunk.buffer)) this.#leave();
    }
    return this.#memoryAfter(chunk.length);
  }

  #isKept(memory: ArrayBufferLike): boolean {
    return this.#oddMessage || this.#parts.kept(memory);
  }

  /** Leaves the memory of the last read to those who look at it. */
  #leave(): void {
    if (this.#large === undefined) this.#small = Buffer.allocUnsafeSlow(SMALL_BYTES);
    else this.#large = this.#parts.buffers.take(LARGE_BYTES);
  }

  /** @param count bytes of the last read */
  #memoryAfter(count: number): Buffer {
    if (this.#large !== undefined && count <= SMALL_BYTES) this.stop();
    else if (count >= SMALL_BYTES) this.#large ??= this.#parts.buffers.take(LARGE_BYTES);
    return this.#large ?? this.#small;
  }
}
