const LENGTH_BYTES = 4;
const TWO_POW_32 = 2 ** 32;
const INITIAL_CAPACITY = 128;

/** Writes the fields of one packet in order; the buffer grows as needed. */
export class PacketWriter {
  #buffer: Buffer;
  #length = LENGTH_BYTES;

  /**
   * @param type the packet's type
   * @param capacity bytes to start with
   */
  constructor(type: number, capacity = INITIAL_CAPACITY) {
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, LENGTH_BYTES + 1));
    this.#buffer[this.#length++] = type;
  }

  /** Bytes so far, with the length field. */
  get length(): number {
    return this.#length;
  }

  uint32(value: number): this {
    const position = this.#advance(4);
    this.#buffer.writeUInt32BE(value >>> 0, position);
    return this;
  }

  /** @param value an integer from 0 to 2^53 - 1 */
  uint64(value: number): this {
    const position = this.#advance(8);
    this.#buffer.writeUInt32BE(Math.floor(value / TWO_POW_32) >>> 0, position);
    this.#buffer.writeUInt32BE((value % TWO_POW_32) >>> 0, position + 4);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.uint32(value.length);
    const position = this.#advance(value.length);
    this.#buffer.set(value, position);
    return this;
  }

  text(value: string): this {
    const length = Buffer.byteLength(value);
    this.uint32(length);
    const position = this.#advance(length);
    this.#buffer.write(value, position, 'utf8');
    return this;
  }

  /** Overwrites the 32-bit field at `position`, counted from the packet's first byte. */
  patchUint32(position: number, value: number): void {
    this.#buffer.writeUInt32BE(value, position);
  }

  /** Drops what was written after the packet was `length` bytes long. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** The packet, length field first; a view of the writer's buffer. */
  finish(): Buffer {
    this.#buffer.writeUInt32BE(this.#length - LENGTH_BYTES, 0);
    return this.#buffer.subarray(0, this.#length);
  }

  #advance(count: number): number {
    const position = this.#length;
    const needed = position + count;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, position);
      this.#buffer = grown;
    }
    this.#length = needed;
    return position;
  }
}
