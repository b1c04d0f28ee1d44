import type { ChannelLimits } from './channel-limits.js';

/**
 * What one channel holds in memory: requests from the moment they are taken in, and their replies until they have
 * left.
 */
export class ChannelAccount {
  readonly #maxBytes: number;
  readonly #maxRequests: number;
  #requests = 0;
  #bytes = 0;
  #promisedBytes = 0;

  constructor({ maxBufferedBytes, maxRequestsInFlight }: ChannelLimits) {
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

  /** Whether another request may be taken in. */
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
    this.#bytes += bytes + promised;
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
    this.#bytes += length - bytes - promised;
  }

  /** A packet that answers no request waits to be sent. */
  hold(bytes: number): void {
    this.#bytes += bytes;
  }

  /** A packet has left, or never will. */
  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
