import type { AttributeChanges, FileInfo } from './file-info.js';
import type { MaybePromise } from './maybe-promise.js';

/** How a file is opened, with the meaning that POSIX `open` gives each flag. */
export interface OpenFlags {
  /** For reading. */
  readonly read: boolean;
  /** For writing. */
  readonly write: boolean;
  /** Every write goes to the end of the file, whatever offset the client names. Implies nothing else. */
  readonly append: boolean;
  /** Create the file when it is not there. */
  readonly create: boolean;
  /** Empty an existing file. */
  readonly truncate: boolean;
  /** With `create`: fail with `EEXIST` when anything, even a dangling link, is there. */
  readonly exclusive: boolean;
  /**
   * The server itself is going to read what is written before it commits the file, to show it to a gate: `read` is
   * wanted of a file that the client has not opened for reading, and where there is a choice the file is `staged`. A
   * backend that cannot do that ignores it.
   * @default false
   */
  readonly inspected?: boolean;
  /** Permission bits for a file that this call creates. @default the backend's own */
  readonly mode?: number;
  /**
   * Times that the client has told with OPEN for the file that it is about to write (OpenSSH's `put -p`): a hint for
   * storages that keep attributes only of what they are told before the content comes. The client sets them again
   * before CLOSE.
   */
  readonly times?: { readonly accessedAt: Date; readonly modifiedAt: Date };
}

/** Whether an open file has to give its content: to the client, or to the server itself. */
export function isReadable({ read, inspected }: OpenFlags): boolean {
  return read || inspected === true;
}

/**
 * An open file with random access. The server calls `write`, `setAttributes`, `sync` and the ends one at a
 * time; reads may overlap reads.
 *
 * Exactly one of `close` and `abort` is called, once, when no other call is under way.
 */
export interface OpenFile {
  /**
   * `true` when what is written is not seen under the file's name before {@link close}. Until then the server
   * answers STAT and SETSTAT of the name from this file, to the client that has it open: clients look at a
   * file right after they have made it.
   * @default false
   */
  readonly staged?: boolean;

  /**
   * Fills `target` from `offset` on.
   *
   * @param target bytes to fill; to be filled whole unless the file ends before
   * @param offset bytes from the start of the file
   * @returns the number of bytes read; less than `target.length` only at the end of the file, 0 at or past it
   */
  read(target: Uint8Array, offset: number): MaybePromise<number>;

  /**
   * Writes all of `data` at `offset`, or at the end of the file when it was opened with `append`. A gap
   * before `offset` reads as zeros.
   *
   * @param data valid only until the returned promise settles
   * @param offset bytes from the start of the file
   * @throws `ENOSPC`, `EDQUOT`, `EFBIG`, `EIO`; nothing is promised of the bytes of the failed write
   */
  write(data: Uint8Array, offset: number): MaybePromise<void>;

  /** Attributes as they are now, with everything written so far (FSTAT). */
  stat(): MaybePromise<FileInfo>;

  /** Sets attributes (FSETSTAT). Left out, the server uses the backend's `setAttributes` by path. */
  setAttributes?(changes: AttributeChanges): MaybePromise<void>;

  /**
   * Takes over the whole content of another open file (`copy-data` over a whole file) inside the storage. Only called
   * on a file to which nothing has been written.
   *
   * @param source an open file, perhaps of another backend; it stays open until this settles, not longer
   * @returns `false` when the storage cannot do that: the server copies block by block then
   */
  copyFrom?(source: OpenFile): MaybePromise<boolean>;

  /** Settles when what was written is safe on the medium (`fsync@openssh.com`). */
  sync?(): MaybePromise<void>;

  /**
   * The client has closed the file: makes what was written durable under its name (the commit). A failure is
   * the client's answer to CLOSE.
   */
  close(): MaybePromise<void>;

  /**
   * The client is gone, or a write has failed: lets go of the file. A backend that can tell a whole upload from
   * a part (a staged or temporary object) discards the part here; where the file is its own final place,
   * what was written stays, as on any POSIX system, so that the client can resume.
   */
  abort(): MaybePromise<void>;
}
