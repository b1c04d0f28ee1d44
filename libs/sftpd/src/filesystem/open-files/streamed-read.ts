import type { FileInfo } from '../file-info.js';
import type { OpenFile, OpenFlags } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';
import type { OpenFileBounds } from './open-file-options.js';
import { ReadAhead } from './read-ahead.js';
import { readRange } from './read-range.js';

/**
 * A file that is read by ranges (`readFileRange`). It goes by its path: a file that is replaced, written or removed
 * while it is open shows that to the next range.
 */
export class StreamedRead implements OpenFile {
  readonly #file: BackendFile;
  readonly #readable: boolean;
  readonly #ahead: ReadAhead;
  #open = true;

  /** @param info what the backend told of the file when it was opened */
  constructor(file: BackendFile, flags: OpenFlags, info: FileInfo, bounds: OpenFileBounds) {
    this.#file = file;
    this.#readable = flags.read;
    this.#ahead = new ReadAhead(
      (offset, length) => readRange(file, offset, length),
      info.size,
      bounds.maxReadAheadBytes,
    );
  }

  /** @throws SftpError `EBADF`, and whatever the backend throws */
  async read(target: Uint8Array, offset: number): Promise<number> {
    if (!this.#open || !this.#readable) throw new SftpError('EBADF');
    return this.#ahead.read(target, offset);
  }

  /** @throws SftpError `EBADF`: the file is open for reading only */
  write(): never {
    throw new SftpError('EBADF');
  }

  async stat(): Promise<FileInfo> {
    const { backend, path, session } = this.#file;
    return backend.fileInfo(path, session);
  }

  /** Ranges that are still to come are not waited for. */
  close(): void {
    this.#open = false;
    this.#ahead.forget();
  }

  abort(): void {
    this.close();
  }
}
