import { SftpError } from '../../filesystem/sftp-error.js';
import { ChunkAllocator } from './chunk-allocator.js';

/** The memory of one backend's contents: counts their bytes, and keeps them below a limit. */
export class Space {
  /** Where chunks come from and go to. */
  readonly chunks = new ChunkAllocator();
  #used = 0;

  /** @param limit in bytes; may be `Infinity` */
  constructor(readonly limit: number) {}

  /** Bytes that are taken. */
  get used(): number {
    return this.#used;
  }

  /** Whether so many more bytes may be taken. */
  fits(bytes: number): boolean {
    return this.#used + bytes <= this.limit;
  }

  /**
   * Takes bytes.
   *
   * @throws SftpError `ENOSPC` when there are not so many left; none is taken then
   */
  take(bytes: number): void {
    if (!this.fits(bytes)) throw new SftpError('ENOSPC');
    this.#used += bytes;
  }

  /** Gives bytes back. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
