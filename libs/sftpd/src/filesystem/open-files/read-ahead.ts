/** Bytes that have been asked of a backend, or have come from it. */
interface Range {
  readonly start: number;
  readonly end: number;
  /** Shorter than the range where the file ends. */
  readonly bytes: Promise<Uint8Array>;
}

/** The part of a read that one range has. */
interface Piece {
  readonly range: Range;
  readonly start: number;
  readonly end: number;
}

type Fetch = (offset: number, length: number) => Promise<Uint8Array>;

/**
 * Reads a file by ranges. A read somewhere asks for exactly its own bytes; reads that follow one another, also many
 * in flight at once, are turned into ranges that double in length, the next one asked for before it is needed.
 */
export class ReadAhead {
  readonly #fetch: Fetch;
  readonly #maxWindow: number;
  /** In order, without overlap; none lies before the newest read. */
  #ranges: Range[] = [];
  /** Where a client goes on that reads in order. */
  #next = -1;
  /** How much the last range asked for that was longer than its read; 0 after a seek. */
  #window = 0;
  /** Nothing is read ahead past the end of the file, as far as it is known. */
  #fileEnd: number;

  /**
   * @param fetch reads a range; fewer bytes only at the end of the file
   * @param fileEnd size of the file, as far as it is known
   * @param limit what may be held of what nobody has asked for, in bytes
   */
  constructor(fetch: Fetch, fileEnd: number, limit: number) {
    this.#fetch = fetch;
    this.#fileEnd = fileEnd;
    // One range is read by the client while the next one comes.
    this.#maxWindow = Math.floor(limit / 2);
  }

  /** Fills `target` from `offset`; the number of bytes read. */
  async read(target: Uint8Array, offset: number): Promise<number> {
    let filled = 0;
    for (const piece of this.#plan(offset, offset + target.length)) {
      const bytes = await this.#bytesOf(piece);
      target.set(bytes, filled);
      filled += bytes.length;
      if (bytes.length < piece.end - piece.start) break;
    }
    return filled;
  }

  /** Lets go of what is held and of what is still to come. */
  forget(): void {
    this.#ranges = [];
    this.#window = 0;
  }

  /** Which ranges have the bytes; those that none has are asked for now. */
  #plan(start: number, end: number): Piece[] {
    const follows = start === this.#next;
    if (!follows && this.#rangeAt(start) === undefined) this.forget();
    this.#ranges = this.#ranges.filter((range) => range.end > start);
    this.#next = end;

    const pieces: Piece[] = [];
    let asked = false;
    for (let at = start; at < end;) {
      let range = this.#rangeAt(at);
      if (range === undefined) {
        asked = true;
        range = this.#ask(at, end, follows);
      }
      pieces.push({ range, start: at, end: Math.min(end, range.end) });
      at = range.end;
    }
    if (follows && !asked) this.#askAhead(end);
    return pieces;
  }

  #ask(start: number, end: number, follows: boolean): Range {
    const known = this.#ranges.find((range) => range.start > start);
    if (known !== undefined) return this.#begin(start, Math.min(end, known.start));
    if (!follows) return this.#begin(start, end);
    const ahead = Math.min(start + this.#widen(end - start), this.#fileEnd);
    return this.#begin(start, Math.max(end, ahead));
  }

  /** Asks for the next range when the client is about to need it. */
  #askAhead(end: number): void {
    const start = this.#ranges.at(-1)?.end ?? end;
    if (this.#window === 0 || start - end > this.#window / 2 || start >= this.#fileEnd) return;
    this.#begin(start, Math.min(start + this.#widen(0), this.#fileEnd));
  }

  #widen(needed: number): number {
    this.#window = Math.min(this.#maxWindow, 2 * Math.max(this.#window, needed));
    return this.#window;
  }

  #begin(start: number, end: number): Range {
    const range: Range = { start, end, bytes: this.#fetch(start, end - start) };
    this.#ranges.push(range);
    this.#ranges.sort((one, other) => one.start - other.start);
    range.bytes.then(
      ({ length }) => {
        if (length === end - start) {
          this.#fileEnd = Math.max(this.#fileEnd, end);
          return;
        }
        // The file may grow: who asks again past its end is told anew.
        this.#fileEnd = start + length;
        this.#drop(range);
      },
      () => {
        this.#window = 0;
        this.#drop(range);
      },
    );
    return range;
  }

  #drop(range: Range): void {
    this.#ranges = this.#ranges.filter((other) => other !== range);
  }

  #rangeAt(offset: number): Range | undefined {
    return this.#ranges.find((range) => range.start <= offset && offset < range.end);
  }

  async #bytesOf({ range, start, end }: Piece): Promise<Uint8Array> {
    try {
      const bytes = await range.bytes;
      return bytes.subarray(start - range.start, end - range.start);
    } catch (error) {
      if (range.start === start && range.end === end) throw error;
      // What failed was longer than what is needed.
      return this.#fetch(start, end - start);
    }
  }
}
