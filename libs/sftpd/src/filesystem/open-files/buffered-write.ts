import type { AttributeChanges, FileInfo } from '../file-info.js';
import { isReadable, type OpenFile, type OpenFlags } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import { assertFits } from './assert-fits.js';
import type { BackendFile } from './backend-file.js';
import { type ContentStore, EMPTY } from './content-store.js';
import { ExistingContent } from './existing-content.js';
import { OneAtATime } from './one-at-a-time.js';
import type { OpenFileResources } from './open-file-resources.js';
import type { TemporaryFile, TemporaryFiles } from './temporary-file.js';
import { UploadAttributes } from './upload-attributes.js';

/**
 * A file that is written, and read if need be, in a private temporary file, and stored when it is closed: for
 * everything that a stream in order cannot do. What an existing file holds is copied in where it is read, and the
 * rest before the file is stored; a file that was not changed is not stored.
 *
 * Two handles do not see each other's unfinished work: the one that is closed last has the last word.
 */
export class BufferedWrite implements OpenFile {
  readonly staged = true;

  readonly #flags: OpenFlags;
  readonly #store: ContentStore;
  readonly #temporaryFiles: TemporaryFiles;
  readonly #attributes: UploadAttributes;
  readonly #calls = new OneAtATime();
  readonly #existing: ExistingContent | undefined;
  #content: TemporaryFile | undefined;
  #changed: boolean;
  #failure: unknown;
  #open = true;

  /** @param existing what is there under the name; `undefined` for a new file */
  constructor(
    file: BackendFile,
    flags: OpenFlags,
    existing: FileInfo | undefined,
    store: ContentStore,
    resources: OpenFileResources,
  ) {
    this.#flags = flags;
    this.#store = store;
    this.#temporaryFiles = resources.temporaryFiles;
    this.#attributes = new UploadAttributes(file, flags, existing);
    const kept = flags.truncate ? undefined : existing;
    this.#existing = kept && new ExistingContent(file, kept, resources);
    // A new file has to be made, and a truncated one emptied, also when nothing is written.
    this.#changed = kept === undefined;
    if (this.#changed) this.#attributes.touch();
  }

  /** @throws SftpError `EBADF`, `EFBIG`, `ENOSPC`, `EIO`, and what the backend throws when it is read */
  async read(target: Uint8Array, offset: number): Promise<number> {
    this.#assertOpen();
    if (!isReadable(this.#flags)) throw new SftpError('EBADF');
    if (this.#existing !== undefined) {
      await this.#calls.run(() => this.#copyExisting(offset, offset + target.length));
    }
    return (this.#content ?? EMPTY).read(target, offset);
  }

  /** @throws SftpError `EBADF`, `EFBIG`, `ENOSPC`, `EIO` */
  async write(data: Uint8Array, offset: number): Promise<void> {
    await this.#change(async () => {
      if (data.length === 0) return false;
      if (!this.#flags.append) assertFits(offset + data.length, this.#store.maxBytes);
      const content = await this.#made();
      const start = this.#flags.append ? content.size : offset;
      assertFits(start + data.length, this.#store.maxBytes);
      await content.write(data, start);
      return true;
    });
  }

  stat(): FileInfo {
    this.#assertOpen();
    return this.#attributes.info(this.#size);
  }

  /** @throws SftpError `EBADF`, `EFBIG`, `ENOSPC`, `ENOTSUP` */
  async setAttributes({ size, ...others }: AttributeChanges): Promise<void> {
    this.#assertOpen();
    if (size !== undefined) assertFits(size, this.#store.maxBytes);
    this.#attributes.set(others, false);
    if (size === undefined) return;
    await this.#change(async () => {
      if (size === this.#size) return false;
      const content = await this.#made();
      await content.resize(size);
      this.#existing?.cut(size);
      return true;
    });
  }

  /** @throws SftpError `EFBIG`, and what the backend throws; nothing is stored then, unless the error says so */
  close(): Promise<void> {
    return this.#end(async () => {
      if (this.#failure !== undefined) {
        throw new SftpError('EIO', 'An earlier write failed', { cause: this.#failure });
      }
      if (this.#changed) {
        assertFits(this.#size, this.#store.maxBytes);
        await this.#copyExisting(0, Infinity);
        await this.#store.store(this.#content ?? EMPTY, this.#attributes.newFile);
      }
      await this.#attributes.apply();
    });
  }

  abort(): Promise<void> {
    return this.#end(() => Promise.resolve());
  }

  get #size(): number {
    return this.#content?.size ?? this.#existing?.size ?? 0;
  }

  async #copyExisting(start: number, end: number): Promise<void> {
    if (this.#existing !== undefined) {
      await this.#existing.copyTo(await this.#made(), start, end);
    }
  }

  async #made(): Promise<TemporaryFile> {
    if (this.#content === undefined) {
      await this.#existing?.refresh();
      const content = await this.#temporaryFiles.create();
      await content.resize(this.#size);
      this.#content = content;
    }
    return this.#content;
  }

  /**
   * A change whose failure leaves the content in doubt.
   *
   * @param change tells whether it has changed anything
   */
  #change(change: () => Promise<boolean>): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      if (!this.#flags.write) throw new SftpError('EBADF');
      try {
        if (!(await change())) return;
      } catch (error) {
        this.#failure ??= error;
        throw error;
      }
      this.#changed = true;
      this.#attributes.touch();
    });
  }

  #end(end: () => Promise<void>): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      this.#open = false;
      try {
        await end();
      } finally {
        await this.#content?.close();
      }
    });
  }

  #assertOpen(): void {
    if (!this.#open) throw new SftpError('EBADF');
  }
}
