import { isUtf8 } from 'node:buffer';

import { StatusCode } from './constants.js';
import { FieldError } from './protocol-errors.js';

const TWO_POW_32 = 2 ** 32;

/** Reads the fields of one packet in order (RFC 4251, section 5, data types). */
export class PacketReader {
  readonly #packet: Buffer;
  #position: number;

  constructor(packet: Buffer, position = 0) {
    this.#packet = packet;
    this.#position = position;
  }

  /** Bytes that have not been read yet. */
  get remaining(): number {
    return this.#packet.length - this.#position;
  }

  /** @throws FieldError when the packet ends too soon */
  boolean(): boolean {
    return this.#packet[this.#advance(1)] !== 0;
  }

  /** @throws FieldError when the packet ends too soon */
  uint32(): number {
    const position = this.#advance(4);
    return this.#packet.readUInt32BE(position);
  }

  /**
   * A 64-bit number, exact.
   *
   * @throws FieldError when the packet ends too soon, or above 2^53 - 1 (no file is that large)
   */
  uint64(): number {
    const position = this.#advance(8);
    const value =
      this.#packet.readUInt32BE(position) * TWO_POW_32 + this.#packet.readUInt32BE(position + 4);
    if (!Number.isSafeInteger(value)) {
      throw new FieldError(StatusCode.FAILURE, 'An offset or size above 2^53 - 1 is not supported');
    }
    return value;
  }

  /**
   * A string of bytes; a view of the packet, not a copy.
   *
   * @throws FieldError when the packet ends too soon
   */
  bytes(): Buffer {
    const length = this.uint32();
    const position = this.#advance(length);
    return this.#packet.subarray(position, position + length);
  }

  /** @throws FieldError when the packet ends too soon, or when the bytes are not UTF-8 */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) throw new FieldError(StatusCode.FAILURE, 'A name is not valid UTF-8');
    return bytes.toString('utf8');
  }

  #advance(length: number): number {
    const position = this.#position;
    if (length > this.#packet.length - position) {
      throw new FieldError(StatusCode.BAD_MESSAGE, 'The packet ends in the middle of a field');
    }
    this.#position = position + length;
    return position;
  }
}
