import { MalformedPacketError } from './protocol-errors.js';

const LENGTH_BYTES = 4;

/**
 * Finds the packets in a stream of bytes (draft-ietf-secsh-filexfer-02, section 3: `uint32 length`, then
 * that many bytes), and copies each into a buffer that the caller provides: the chunks may be memory that is soon
 * used again.
 */
export class PacketAssembler {
  readonly #maxLength: number;
  readonly #allocate: (length: number) => Buffer;
  readonly #chunks: Buffer[] = [];
  readonly #lengthField = Buffer.alloc(LENGTH_BYTES);
  #position = 0;
  #unreadBytes = 0;
  #lengthFilled = 0;
  #body: Buffer | undefined;
  #bodyFilled = 0;

  /**
   * @param maxLength the longest body that is accepted, in bytes
   * @param allocate makes a buffer of that many bytes for a body
   */
  constructor(maxLength: number, allocate: (length: number) => Buffer) {
    this.#maxLength = maxLength;
    this.#allocate = allocate;
  }

  /** Whether a packet has begun and its end has not come yet. */
  get partial(): boolean {
    return this.#lengthFilled > 0 || this.#body !== undefined || this.#chunks.length > 0;
  }

  /** Bytes of chunks that have been pushed and are not in a packet yet; the chunks must not change before that. */
  get unread(): number {
    return this.#unreadBytes;
  }

  /** Bytes that are held: those that have come and are not in a packet yet, and the room of one that has begun. */
  get bytes(): number {
    return this.#unreadBytes + (this.#body?.length ?? 0);
  }

  /** Appends bytes as they came from the channel. They are copied by {@link next}, and must not change before. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#unreadBytes += chunk.length;
  }

  /**
   * The next whole packet's body (type byte first), or `undefined` until more bytes are pushed.
   *
   * @throws MalformedPacketError when the announced length is 0 or above the limit
   */
  next(): Buffer | undefined {
    for (;;) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return undefined;
      const packet =
        this.#body === undefined ? this.#begin(chunk) : this.#continue(chunk, this.#body);
      if (this.#position === chunk.length) {
        this.#chunks.shift();
        this.#position = 0;
      }
      if (packet !== undefined) return packet;
    }
  }

  #begin(chunk: Buffer): Buffer | undefined {
    const count = Math.min(LENGTH_BYTES - this.#lengthFilled, chunk.length - this.#position);
    chunk.copy(this.#lengthField, this.#lengthFilled, this.#position, this.#position + count);
    this.#lengthFilled += count;
    this.#advance(count);
    if (this.#lengthFilled < LENGTH_BYTES) return undefined;

    const length = this.#lengthField.readUInt32BE(0);
    if (length === 0 || length > this.#maxLength) {
      throw new MalformedPacketError(
        `A packet announces ${length} bytes; 1 to ${this.#maxLength} are allowed (option maxPacketBytes)`,
      );
    }
    this.#lengthFilled = 0;
    this.#body = this.#allocate(length);
    this.#bodyFilled = 0;
    return this.#continue(chunk, this.#body);
  }

  #continue(chunk: Buffer, body: Buffer): Buffer | undefined {
    const count = Math.min(body.length - this.#bodyFilled, chunk.length - this.#position);
    chunk.copy(body, this.#bodyFilled, this.#position, this.#position + count);
    this.#bodyFilled += count;
    this.#advance(count);
    if (this.#bodyFilled < body.length) return undefined;
    this.#body = undefined;
    return body;
  }

  #advance(count: number): void {
    this.#position += count;
    this.#unreadBytes -= count;
  }
}
