import { SftpError } from '../sftp-error.js';

/** More holes than any client means to leave; it bounds the memory for a file in pieces of one byte. */
const MAX_PIECES = 65_536;

interface Extent {
  readonly start: number;
  readonly end: number;
}

const NONE: Extent = { start: Infinity, end: Infinity };

/** The parts of a file that are there: ranges of bytes in order, none touching another. */
export class Extents {
  readonly #parts: Extent[] = [];

  /** Bytes from the first that is there to the last, 0 when nothing is. */
  get end(): number {
    return this.#parts.at(-1)?.end ?? 0;
  }

  get empty(): boolean {
    return this.#parts.length === 0;
  }

  /** How many bytes from `start` up to `end` are not there. */
  missing(start: number, end: number): number {
    let missing = end - start;
    for (let index = this.#firstEndingAfter(start); index < this.#parts.length; index += 1) {
      const part = this.#at(index);
      if (part.start >= end) break;
      missing -= Math.min(part.end, end) - Math.max(part.start, start);
    }
    return missing;
  }

  /**
   * The bytes from `start` up to `end` are there now.
   *
   * @throws SftpError `ENOSPC` when the file would be in too many pieces
   */
  add(start: number, end: number): void {
    const first = this.#firstEndingAfter(start - 1);
    let next = first;
    let merged = { start, end };
    for (; next < this.#parts.length && this.#at(next).start <= end; next += 1) {
      const part = this.#at(next);
      merged = { start: Math.min(merged.start, part.start), end: Math.max(merged.end, part.end) };
    }
    if (next === first && this.#parts.length >= MAX_PIECES) {
      throw new SftpError('ENOSPC', 'The file is written in too many separate pieces');
    }
    this.#parts.splice(first, next - first, merged);
  }

  /** What lies at or past `offset` is there no longer. */
  cut(offset: number): void {
    const first = this.#firstEndingAfter(offset);
    const [part] = this.#parts.splice(first);
    if (part !== undefined && part.start < offset) this.#parts.push({ ...part, end: offset });
  }

  /** What lies before `offset` is there no longer. */
  dropBefore(offset: number): void {
    this.#parts.splice(0, this.#firstEndingAfter(offset));
    const [part] = this.#parts;
    if (part !== undefined && part.start < offset) this.#parts[0] = { ...part, start: offset };
  }

  /** Where the bytes end that begin at `offset`; `offset` itself when that one is not there. */
  endOfRun(offset: number): number {
    const part = this.#at(this.#firstEndingAfter(offset));
    return part.start <= offset ? part.end : offset;
  }

  /** The first byte at or past `offset` that is there; `Infinity` when none is. */
  firstFrom(offset: number): number {
    return Math.max(this.#at(this.#firstEndingAfter(offset)).start, offset);
  }

  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle).end > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #at(index: number): Extent {
    return this.#parts[index] ?? NONE;
  }
}
