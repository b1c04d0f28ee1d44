/** Bytes that are read at once, as Node's sockets do by themselves. */
const READ_SIZE = 64 * 1024;

/**
 * What one connection reads into, again and again. Bytes that nobody has taken yet stay where they are, in one piece
 * with those that come after them.
 */
export class ReadBuffer {
  /** With room behind a full read: a TLS connection that is told to stop still brings what it has deciphered. */
  readonly #first = Buffer.allocUnsafeSlow(2 * READ_SIZE);
  readonly #empty = this.#first.subarray(0, READ_SIZE);
  #buffer = this.#first;
  #start = 0;
  #end = 0;
  /** Where the room begins that was given last. */
  #room = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Where the next bytes are to be put. */
  room(): Buffer {
    if (this.length === 0) {
      this.#buffer = this.#first;
      this.#room = 0;
      return this.#empty;
    }
    if (this.#end === this.#buffer.length) this.#grow();
    this.#room = this.#end;
    return this.#buffer.subarray(this.#end, this.#end + READ_SIZE);
  }

  /** Takes note of bytes that were put into the {@link room} given last. */
  filled(count: number): void {
    if (this.length === 0) this.#start = this.#room;
    this.#end = this.#room + count;
  }

  /** The bytes that nobody has taken, as a view that is valid until {@link room} is asked for. */
  bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Takes the first bytes away. */
  take(count: number): void {
    this.#start += count;
  }

  #grow(): void {
    const longer = Buffer.allocUnsafeSlow(2 * this.#buffer.length);
    this.#buffer.copy(longer);
    this.#buffer = longer;
  }
}
