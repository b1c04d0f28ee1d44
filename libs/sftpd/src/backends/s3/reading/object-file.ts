import type { FileInfo } from '../../../filesystem/file-info.js';
import type { MaybePromise } from '../../../filesystem/maybe-promise.js';
import type { OpenFile } from '../../../filesystem/open-file.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { attributesOf, fileInfoOf } from '../object-attributes.js';
import type { StoredObject } from '../store/stored-object.js';
import type { ObjectReader } from './object-reader.js';

/** An object that is open for reading: the version of it that was there when it was opened. */
export class ObjectFile implements OpenFile {
  readonly #reader: ObjectReader;

  /**
   * @param object what was found at the OPEN
   * @param reader of the same object; this file closes it
   */
  constructor(
    readonly object: StoredObject,
    reader: ObjectReader,
  ) {
    this.#reader = reader;
  }

  read(target: Uint8Array, offset: number): MaybePromise<number> {
    return this.#reader.read(target, offset);
  }

  /** @throws SftpError `EBADF`: the file is open for reading only */
  write(): never {
    throw new SftpError('EBADF');
  }

  stat(): FileInfo {
    const { size, lastModified, metadata } = this.object;
    return fileInfoOf(size, lastModified, attributesOf(metadata));
  }

  close(): void {
    this.#reader.close();
  }

  abort(): void {
    this.#reader.close();
  }
}
