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
  /** Whether something waits for room where it goes, in the memory in which it came. */
  readonly backedUp: () => boolean;
  /** Tells, from the moment of the call on, whether all that had come by then has been taken in. */
  readonly inputMark: () => () => boolean;
  /** Whether ssh2 still looks at memory that has been handed on, for nobody knows how long. */
  readonly kept: (memory: ArrayBufferLike) => boolean;
}

/** Memory in which something waits to be taken in. */
interface Loan {
  readonly memory: Buffer;
  readonly isOver: () => boolean;
}

/**
 * Reads a socket into memory that is used again. Left to itself, Node allocates 64 KiB for each read, and so makes
 * garbage of every byte of an upload: collecting it takes more time than decrypting it.
 *
 * What is read is handed on by the socket's event `data` and belongs to the listeners during the event only. What has
 * to wait for room keeps its memory until it is taken in. Memory that ssh2 keeps is left to it. Fresh memory, or the
 * pool's, is used from then on.
 */
export class SocketReader {
  readonly #parts: SocketReaderParts;
  readonly #loans: Loan[] = [];
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

  /** The socket is closed. What waits is still taken in, in memory that is then left to it. */
  stop(): void {
    this.#leaveLarge();
    this.#loans.length = 0;
  }

  #onRead(chunk: Buffer): Buffer {
    this.#reclaim();
    // What is likely to wait takes no more memory than it needs.
    if (this.#parts.backedUp() && chunk.length <= LARGE_BYTES / 2) this.#handOnCopy(chunk);
    else if (this.#handOn(chunk) === 'kept') this.#replaceMemory();
    return this.#memoryAfter(chunk.length);
  }

  #handOnCopy(chunk: Buffer): void {
    const { buffers } = this.#parts;
    const copy = buffers.take(chunk.length);
    chunk.copy(copy);
    if (this.#handOn(copy) === 'free') buffers.give(copy);
  }

  /** @returns whether somebody still looks at the memory */
  #handOn(chunk: Buffer): 'free' | 'kept' {
    const { socket, backedUp, inputMark } = this.#parts;
    this.#oddMessage = false;
    socket.emit('data', chunk);
    if (this.#isKept(chunk.buffer)) return 'kept';
    if (!backedUp()) return 'free';
    // Small memory is not the pool's, and cheap.
    if (chunk.buffer.byteLength > SMALL_BYTES) {
      this.#loans.push({ memory: chunk, isOver: inputMark() });
    }
    return 'kept';
  }

  #isKept(memory: ArrayBufferLike): boolean {
    return this.#oddMessage || this.#parts.kept(memory);
  }

  /** Takes back what is not looked at any more: what has come first is taken in first. */
  #reclaim(): void {
    while (this.#loans[0]?.isOver() === true) {
      const loan = this.#loans.shift();
      if (loan !== undefined) this.#parts.buffers.give(loan.memory);
    }
  }

  /** Leaves the memory of the last read to those who look at it. */
  #replaceMemory(): void {
    if (this.#large === undefined) this.#small = Buffer.allocUnsafeSlow(SMALL_BYTES);
    else this.#large = this.#parts.buffers.take(LARGE_BYTES);
  }

  #leaveLarge(): void {
    if (this.#large !== undefined) this.#parts.buffers.give(this.#large);
    this.#large = undefined;
  }

  /** @param count bytes of the last read */
  #memoryAfter(count: number): Buffer {
    if (this.#large !== undefined && count <= SMALL_BYTES) this.#leaveLarge();
    else if (count >= SMALL_BYTES) this.#large ??= this.#parts.buffers.take(LARGE_BYTES);
    return this.#large ?? this.#small;
  }
}
