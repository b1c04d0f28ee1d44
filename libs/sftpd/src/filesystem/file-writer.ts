import type { MaybePromise } from './maybe-promise.js';

/**
 * A file that is being written in order. The server makes one call at a time, and ends with exactly one of
 * `finish` and `abort`, once, when no other call is under way.
 */
export interface FileWriter {
  /**
   * Takes the next bytes.
   *
   * @param offset bytes from the start of the file: always the sum of what has been written before
   * @param chunk valid only until the returned promise settles
   * @throws `ENOSPC`, `EDQUOT`, `EFBIG`, `EIO`; the server aborts the writer then
   */
  write(offset: number, chunk: Uint8Array): MaybePromise<void>;

  /**
   * All has been written: makes the file appear under its name, whole. A failure is the client's answer to CLOSE.
   *
   * @throws `EEXIST` (it was to be `exclusive`), `ENOSPC`, `EIO`
   */
  finish(): MaybePromise<void>;

  /** The upload has failed or was cut off: nothing of it may stay. */
  abort(): MaybePromise<void>;
}
