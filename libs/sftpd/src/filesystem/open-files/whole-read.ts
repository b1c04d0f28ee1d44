import type { FileInfo } from '../file-info.js';
import type { OpenFile, OpenFlags } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';
import type { Content } from './content-store.js';
import type { OpenFileResources } from './open-file-resources.js';
import type { TemporaryFiles } from './temporary-file.js';
import { withWholeContent } from './whole-content.js';

/** Longest content that is kept in memory, in bytes; it costs less than an open descriptor. */
const MAX_BYTES_IN_MEMORY = 64 * 1024;

type Kept = Content & { close(): Promise<void> };

/** A file that was read whole (`readFile`) when it was opened, and stays as it was then. */
export class WholeRead implements OpenFile {
  readonly #readable: boolean;
  readonly #info: FileInfo;
  readonly #content: Kept;
  #open = true;

  private constructor(flags: OpenFlags, info: FileInfo, content: Kept) {
    this.#readable = flags.read;
    this.#info = { ...info, size: content.size };
    this.#content = content;
  }

  /**
   * Reads the file.
   *
   * @param info what the backend tells of it
   * @throws SftpError `EFBIG`, `ENOSPC`, and whatever the backend throws
   */
  static async open(
    file: BackendFile,
    flags: OpenFlags,
    info: FileInfo,
    resources: OpenFileResources,
  ): Promise<WholeRead> {
    const content = await withWholeContent(file, info, resources, (bytes) =>
      keep(bytes, resources.temporaryFiles),
    );
    return new WholeRead(flags, info, content);
  }

  /** @throws SftpError `EBADF`, `EIO` */
  async read(target: Uint8Array, offset: number): Promise<number> {
    if (!this.#open || !this.#readable) throw new SftpError('EBADF');
    return this.#content.read(target, offset);
  }

  /** @throws SftpError `EBADF`: the file is open for reading only */
  write(): never {
    throw new SftpError('EBADF');
  }

  /** As it was when the file was opened. */
  stat(): FileInfo {
    return this.#info;
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.#content.close();
  }

  abort(): Promise<void> {
    return this.close();
  }
}

async function keep(content: Uint8Array, temporaryFiles: TemporaryFiles): Promise<Kept> {
  if (content.length <= MAX_BYTES_IN_MEMORY) return new InMemory(content);
  const file = await temporaryFiles.create();
  try {
    await file.write(content, 0);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

class InMemory implements Kept {
  readonly #bytes: Uint8Array;

  constructor(content: Uint8Array) {
    // A copy: the content may be a small part of a large allocation.
    this.#bytes = Buffer.from(content);
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(target: Uint8Array, offset: number): Promise<number> {
    const bytes = this.#bytes.subarray(offset, offset + target.length);
    target.set(bytes);
    return Promise.resolve(bytes.length);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
