import type { AttributeChanges, FileInfo } from '../file-info.js';
import type { OpenFile, OpenFlags } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';
import { type ContentStore, EMPTY } from './content-store.js';
import { assertFits, copyContent } from './existing-content.js';
import { OneAtATime } from './one-at-a-time.js';
import type { OpenFileResources } from './open-file-resources.js';
import type { TemporaryFile } from './temporary-file.js';
import { UploadAttributes } from './upload-attributes.js';

/**
 * A file that is written, and read if need be, in a private temporary file, and stored when it is closed: for
 * everything that a stream in order cannot do. What an existing file holds is loaded before the first operation
 * that needs it; a file that was not changed is not stored.
 */
export class BufferedWrite implements OpenFile {
  readonly #file: BackendFile;
  readonly #flags: OpenFlags;
  readonly #store: ContentStore;
  readonly #resources: OpenFileResources;
  readonly #attributes: UploadAttributes;
  readonly #changes = new OneAtATime();
  /** What is to be kept of the existing file, until that has been loaded. */
  readonly #kept: FileInfo | undefined;
  #loading: Promise<void> | undefined;
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
    this.#file = file;
    this.#flags = flags;
    this.#store = store;
    this.#resources = resources;
    this.#attributes = new UploadAttributes(file, flags, existing);
    this.#kept = flags.truncate ? undefined : existing;
    // A new file has to be made, and a truncated one emptied, also when nothing is written.
    this.#changed = this.#kept === undefined;
    if (flags.truncate) this.#attributes.touch();
  }

  /** @throws SftpError `EBADF`, `EFBIG`, `ENOSPC`, `EIO`, and what the backend throws when it is read */
  async read(target: Uint8Array, offset: number): Promise<number> {
    this.#assertOpen();
    if (!this.#flags.read) throw new SftpError('EBADF');
    await this.#load();
    return (this.#content ?? EMPTY).read(target, offset);
  }

  /** @throws SftpError `EBADF`, `EFBIG`, `ENOSPC`, `EIO`, and what the backend throws when it is read */
  write(data: Uint8Array, offset: number): Promise<void> {
    return this.#change(async () => {
      if (data.length === 0) return;
      await this.#load();
      const start = this.#flags.append ? this.#size : offset;
      assertFits(start + data.length, this.#store.maxBytes);
      await (await this.#made()).write(data, start);
      this.#hasChanged();
    });
  }

  stat(): FileInfo {
    this.#assertOpen();
    return this.#attributes.info(this.#size);
  }

  /** @throws SftpError `EBADF`, `EFBIG`, `ENOSPC`, `ENOTSUP` */
  setAttributes({ size, ...others }: AttributeChanges): Promise<void> {
    return this.#changes.run(async () => {
      this.#assertOpen();
      if (size !== undefined) assertFits(size, this.#store.maxBytes);
      this.#attributes.set(others, false);
      if (size !== undefined && size !== this.#size) await this.#resize(size);
    });
  }

  /** @throws SftpError what the backend throws; nothing is stored then, unless the error says so */
  close(): Promise<void> {
    return this.#end(async () => {
      if (this.#failure !== undefined) {
        throw new SftpError('EIO', 'An earlier write failed', { cause: this.#failure });
      }
      if (this.#changed) await this.#store.store(this.#content ?? EMPTY, this.#attributes.newFile);
      await this.#attributes.apply();
    });
  }

  abort(): Promise<void> {
    return this.#end(() => Promise.resolve());
  }

  get #size(): number {
    return this.#content?.size ?? this.#kept?.size ?? 0;
  }

  async #resize(size: number): Promise<void> {
    try {
      await this.#load();
      await (await this.#made()).resize(size);
      this.#hasChanged();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  /** Reads may come together: they share one loading. After a failure the next one tries again. */
  async #load(): Promise<void> {
    if (this.#kept === undefined) return;
    this.#loading ??= this.#copy(this.#kept);
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  async #copy(kept: FileInfo): Promise<void> {
    const copy = await this.#resources.temporaryFiles.create();
    try {
      await copyContent(this.#file, kept, copy, this.#store.maxBytes, this.#resources);
      this.#content = copy;
    } catch (error) {
      await copy.close();
      throw error;
    }
  }

  async #made(): Promise<TemporaryFile> {
    this.#content ??= await this.#resources.temporaryFiles.create();
    return this.#content;
  }

  #hasChanged(): void {
    this.#changed = true;
    this.#attributes.touch();
  }

  /** A change whose failure leaves the content in doubt. */
  #change(change: () => Promise<void>): Promise<void> {
    return this.#changes.run(async () => {
      this.#assertOpen();
      if (!this.#flags.write) throw new SftpError('EBADF');
      try {
        await change();
      } catch (error) {
        this.#failure ??= error;
        throw error;
      }
    });
  }

  #end(end: () => Promise<void>): Promise<void> {
    return this.#changes.run(async () => {
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
