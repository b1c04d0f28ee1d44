/** A place for one reply. */
export type ReplySlot = (packet: Buffer) => void;

interface Place {
  packet: Buffer | undefined;
}

/**
 * Hands replies to the channel: as they are ready, or, for clients that cannot cope with that, in the order
 * of their requests.
 */
export class ReplyQueue {
  readonly #send: (packet: Buffer) => void;
  readonly #inOrder: boolean;
  readonly #places: Place[] = [];

  /**
   * @param send writes one packet to the channel
   * @param inOrder whether replies must leave in the order of the requests
   */
  constructor(send: (packet: Buffer) => void, inOrder: boolean) {
    this.#send = send;
    this.#inOrder = inOrder;
  }

  /** Takes the next place; the reply is handed over by calling the result, once. */
  reserve(): ReplySlot {
    if (!this.#inOrder) return this.#send;
    const place: Place = { packet: undefined };
    this.#places.push(place);
    return (packet) => {
      place.packet = packet;
      this.#flush();
    };
  }

  #flush(): void {
    for (let packet = this.#places[0]?.packet; packet; packet = this.#places[0]?.packet) {
      this.#places.shift();
      this.#send(packet);
    }
  }
}
