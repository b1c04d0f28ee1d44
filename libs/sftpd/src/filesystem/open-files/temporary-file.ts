import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import path from 'node:path';

import { errorCode, SftpError, toSftpError } from '../sftp-error.js';
import { Extents } from './extents.js';

/** Failures of the disk that a client can understand; the others are the server's own. */
const TOLD = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE'];

/** The private temporary files of a server, and how much they hold together. */
export class TemporaryFiles {
  readonly #directory: string;
  readonly #limit: number;
  #used = 0;

  /**
   * @param directory where they are
   * @param limit what all of them may hold, in bytes
   */
  constructor(directory: string, limit: number) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /** What they hold now, in bytes; holes do not count. */
  get used(): number {
    return this.#used;
  }

  /**
   * Makes an empty file that only this process can reach. Where the system allows it, the file loses its name at
   * once, so that a crash leaves nothing behind.
   *
   * @throws SftpError `ENOSPC`, `EDQUOT`, `EMFILE`, `EIO`
   */
  async create(): Promise<TemporaryFile> {
    const name = `nestjs-sftpd-${randomBytes(16).toString('hex')}`;
    const file = path.join(this.#directory, name);
    const handle = await told(open(file, 'wx+', 0o600));
    const unlinked = await unlink(file).then(
      () => true,
      () => false,
    );
    return new TemporaryFile(handle, this, unlinked ? undefined : file);
  }

  /** @internal @throws SftpError `ENOSPC`; nothing is taken then */
  take(bytes: number): void {
    if (this.#used + bytes > this.#limit) {
      throw new SftpError('ENOSPC', 'The server has no room left for uploads in progress');
    }
    this.#used += bytes;
  }

  /** @internal */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** A sparse file that is gone when it is closed. Reads may overlap reads; changes come one at a time. */
export class TemporaryFile {
  readonly #handle: FileHandle;
  readonly #files: TemporaryFiles;
  readonly #name: string | undefined;
  readonly #written = new Extents();
  #size = 0;
  #taken = 0;
  #open = true;

  /** @internal use {@link TemporaryFiles.create} */
  constructor(handle: FileHandle, files: TemporaryFiles, name: string | undefined) {
    this.#handle = handle;
    this.#files = files;
    this.#name = name;
  }

  get size(): number {
    return this.#size;
  }

  /** Which bytes have been written; the others are zeros. */
  get written(): Pick<Extents, 'endOfRun' | 'firstFrom' | 'end'> {
    return this.#written;
  }

  /** Fills `target` from `offset`; the number of bytes read, less than its length only at the end of the file. */
  async read(target: Uint8Array, offset: number): Promise<number> {
    const wanted = Math.max(0, Math.min(target.length, this.#size - offset));
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await told(
        this.#handle.read(target, filled, wanted - filled, offset + filled),
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    // A hole at the end is not on the disk.
    target.fill(0, filled, wanted);
    return wanted;
  }

  /** @throws SftpError `ENOSPC` when all temporary files together are full, or the disk is; `EIO` */
  async write(data: Uint8Array, offset: number): Promise<void> {
    if (data.length === 0) return;
    const end = offset + data.length;
    const added = this.#written.missing(offset, end);
    this.#take(added);
    this.#written.add(offset, end);
    let written = 0;
    while (written < data.length) {
      const { bytesWritten } = await told(
        this.#handle.write(data, written, data.length - written, offset + written),
      );
      if (bytesWritten === 0) throw new SftpError('EIO');
      written += bytesWritten;
    }
    this.#size = Math.max(this.#size, end);
  }

  /** Cuts the file, or extends it by a hole. */
  async resize(size: number): Promise<void> {
    const { end } = this.#written;
    if (size < end) {
      this.#give(end - size - this.#written.missing(size, end));
      this.#written.cut(size);
      await told(this.#handle.truncate(size));
    }
    this.#size = size;
  }

  /** Does nothing when the file is closed already. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#give(this.#taken);
    // Whatever close(2) could tell of a file that nobody will see again helps nobody.
    await this.#handle.close().catch(() => undefined);
    if (this.#name !== undefined) await unlink(this.#name).catch(() => undefined);
  }

  #take(bytes: number): void {
    this.#files.take(bytes);
    this.#taken += bytes;
  }

  #give(bytes: number): void {
    this.#files.give(bytes);
    this.#taken -= bytes;
  }
}

async function told<T>(outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    if (TOLD.includes(errorCode(error) ?? '')) throw toSftpError(error);
    throw new SftpError('EIO', undefined, { cause: error });
  }
}
