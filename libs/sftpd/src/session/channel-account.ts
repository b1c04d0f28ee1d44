import type { ByteBudget, RoomSeeker } from './byte-budget.js';
import { ByteLevel } from './byte-level.js';
import type { ChannelLimits } from './channel-limits.js';

/**
 * What one channel holds in memory: requests from the moment they are taken in, and their replies until they have
 * left. What has come and is not taken in yet counts for the connection and the server alone: the channel's own room
 * is for what it may take in.
 */
export class ChannelAccount {
  readonly #maxBytes: number;
  readonly #maxRequests: number;
  readonly #shared: ByteBudget;
  readonly #input: ByteLevel;
  #requests = 0;
  #bytes = 0;
  #promisedBytes = 0;

  /** @param shared the connection's, of which the channel takes a part */
  constructor({ maxBufferedBytes, maxRequestsInFlight }: ChannelLimits, shared: ByteBudget) {
    this.#shared = shared;
    this.#input = new ByteLevel(shared);
    this.#maxBytes = maxBufferedBytes;
    this.#maxRequests = maxRequestsInFlight;
  }

  /** Requests that have been taken in and have no reply yet. */
  get requests(): number {
    return this.#requests;
  }

  /** Bytes of requests being served, and of replies that have not left. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those of them that requests being served may give. */
  get promisedBytes(): number {
    return this.#promisedBytes;
  }

  /** Whether another request may be taken in, as far as the channel itself is concerned. */
  get hasRoom(): boolean {
    return this.#bytes < this.#maxBytes && this.#requests < this.#maxRequests;
  }

  /**
   * A request has been taken in.
   *
   * @param bytes what it holds itself
   * @param promised what its reply may hold
   */
  begin(bytes: number, promised: number): void {
    this.#requests++;
    this.#promisedBytes += promised;
    this.hold(bytes + promised);
  }

  /**
   * A request has been served; what is left of it is a reply that waits to be sent.
   *
   * @param bytes as it has begun
   * @param promised as it has begun
   * @param length of the reply, in bytes
   */
  finish(bytes: number, promised: number, length: number): void {
    this.#requests--;
    this.#promisedBytes -= promised;
    this.hold(length - bytes - promised);
  }

  /** A packet that answers no request waits to be sent. */
  hold(bytes: number): void {
    this.#bytes += bytes;
    this.#shared.add(bytes);
  }

  /** A packet has left, or never will. */
  release(bytes: number): void {
    this.hold(-bytes);
  }

  /** @param bytes that have come and are not taken in */
  waiting(bytes: number): void {
    this.#input.set(bytes);
  }

  /**
   * Whether the connection and the server have room too; if not, the channel is told when to ask again. A channel that
   * holds nothing is always let in: what fills the others' memory must not keep it from being served.
   */
  admits(channel: RoomSeeker): boolean {
    return this.#bytes === 0 || this.#shared.admits(channel);
  }

  /** The channel takes in no more. */
  close(channel: RoomSeeker): void {
    this.#input.set(0);
    this.#shared.forget(channel);
  }
}
