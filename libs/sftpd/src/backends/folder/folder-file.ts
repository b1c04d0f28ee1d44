import type { AttributeChanges, FileInfo } from '../../filesystem/file-info.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { isReadable, type OpenFile, type OpenFlags } from '../../filesystem/open-file.js';
import { SftpError } from '../../filesystem/sftp-error.js';

import { changeDescriptor } from './attribute-changes.js';
import { closeDescriptor, dropDescriptor, statDescriptor, syncDescriptor } from './file-calls.js';
import { fileInfoOfStats } from './file-info-of-stats.js';
import type { NameTable } from './owner-names.js';
import type { StorageCalls } from './storage-calls.js';

/** What an open file needs to know besides its descriptor. */
export interface FolderFileContext {
  readonly names: NameTable;
  readonly calls: StorageCalls;
  /** Force what was written to the disk at {@link FolderFile.close}. */
  readonly durable: boolean;
}

/**
 * An open regular file whose reads and writes go straight to its descriptor.
 *
 * The file is its own final place: an {@link abort} leaves what was written, as POSIX systems do, so that a
 * client can resume.
 */
export class FolderFile implements OpenFile {
  readonly #fd: number;
  readonly #flags: OpenFlags;
  readonly #context: FolderFileContext;
  #open = true;
  #written = 0;

  /** @param fd descriptor that was opened with `flags`; this object closes it */
  constructor(fd: number, flags: OpenFlags, context: FolderFileContext) {
    this.#fd = fd;
    this.#flags = flags;
    this.#context = context;
  }

  read(target: Uint8Array, offset: number): MaybePromise<number> {
    // A file opened for nothing is open(2)'s O_RDONLY, which could be read.
    if (!isReadable(this.#flags)) throw new SftpError('EBADF');
    return this.#context.calls.read(this.#descriptor(), target, offset);
  }

  async write(data: Uint8Array, offset: number): Promise<void> {
    if (!this.#flags.write) throw new SftpError('EBADF');
    let written = 0;
    while (written < data.length) {
      const position = this.#flags.append ? null : offset + written;
      const fd = this.#descriptor();
      const count = await this.#context.calls.write(fd, data, written, position, this.#written);
      if (count === 0) throw new SftpError('EIO');
      written += count;
      this.#written += count;
    }
  }

  async stat(): Promise<FileInfo> {
    return fileInfoOfStats(await statDescriptor(this.#descriptor()), this.#context.names);
  }

  async setAttributes(changes: AttributeChanges): Promise<void> {
    if (changes.size !== undefined && !this.#flags.write) throw new SftpError('EBADF');
    await changeDescriptor(this.#descriptor(), changes);
  }

  async sync(): Promise<void> {
    await syncDescriptor(this.#descriptor());
  }

  async close(): Promise<void> {
    const fd = this.#takeDescriptor();
    if (!this.#flags.write) {
      dropDescriptor(fd);
      return;
    }
    try {
      if (this.#context.durable) await syncDescriptor(fd);
    } catch (error) {
      await closeDescriptor(fd).catch(() => undefined);
      throw error;
    }
    // Network and quota file systems tell of lost writes only here.
    await this.#context.calls.close(fd, this.#written);
  }

  async abort(): Promise<void> {
    // Whatever close(2) could tell, the upload has failed already.
    await closeDescriptor(this.#takeDescriptor()).catch(() => undefined);
  }

  #descriptor(): number {
    // The number may by now be another file's.
    if (!this.#open) throw new SftpError('EBADF');
    return this.#fd;
  }

  #takeDescriptor(): number {
    const fd = this.#descriptor();
    this.#open = false;
    return fd;
  }
}
