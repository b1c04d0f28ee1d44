import type { SftpError } from '../../../filesystem/sftp-error.js';
import type { AheadRange } from './ahead-range.js';
import type { RangeDownload } from './range-download.js';

/** A READ some bytes of which are still to come. */
export class PendingRead {
  /** The number of bytes read. */
  readonly done: Promise<number>;
  readonly #target: Uint8Array;
  readonly #start: number;
  #resolve!: (count: number) => void;
  #reject!: (error: SftpError) => void;

  /** The range that it waits for. */
  range: AheadRange | undefined;
  /** Its own GET, which writes into its target. */
  download: RangeDownload | undefined;

  /**
   * @param target as long as the READ, or longer where the object ends
   * @param start where `target` begins in the object
   * @param at the first byte that is missing
   * @param end byte after the last
   * @param expires when it has waited long enough, by `performance.now()`
   * @param alone whether it is no part of a reading in order, so that no range is going to have its bytes
   */
  constructor(
    target: Uint8Array,
    start: number,
    public at: number,
    readonly end: number,
    readonly expires: number,
    public alone: boolean,
  ) {
    this.#target = target;
    this.#start = start;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get complete(): boolean {
    return this.at === this.end;
  }

  /** Takes the bytes that are missing first. */
  fill(bytes: Uint8Array): void {
    this.#target.set(bytes, this.at - this.#start);
    this.at += bytes.length;
  }

  /** Takes what it needs of a range that has it. */
  fillFrom(range: AheadRange): void {
    this.at += range.copy(this.#target, this.at - this.#start, this.at, this.end);
  }

  succeed(): void {
    this.#resolve(this.end - this.#start);
  }

  fail(error: SftpError): void {
    this.#reject(error);
  }
}
