import type { Writable } from 'node:stream';

/** Sends packets and knows which of them have not left yet. */
export class Outbox {
  readonly #stream: Writable;
  readonly #onSent: (packet: Buffer) => void;
  readonly #unsent = new Set<Buffer>();
  #bytes = 0;
  #sentBytes = 0;

  /**
   * @param stream takes the packets
   * @param onSent told of each packet that has left; its buffer is free again
   */
  constructor(stream: Writable, onSent: (packet: Buffer) => void) {
    this.#stream = stream;
    this.#onSent = onSent;
  }

  /** Bytes that have been handed over and have not left. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that have left, since the beginning. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  send(packet: Buffer): void {
    this.#unsent.add(packet);
    this.#bytes += packet.length;
    this.#stream.write(packet, () => {
      if (!this.#unsent.delete(packet)) return;
      this.#bytes -= packet.length;
      this.#sentBytes += packet.length;
      this.#onSent(packet);
    });
  }

  /**
   * Nobody waits for packets any more, and none may be sent after this. A channel that is closed never tells what
   * became of the last ones.
   *
   * @returns how many bytes will not be told of
   */
  abandon(): number {
    const bytes = this.#bytes;
    this.#unsent.clear();
    this.#bytes = 0;
    return bytes;
  }
}
