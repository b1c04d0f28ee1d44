import type { StoredObject } from '../store/stored-object.js';
import { composePlan } from './compose-plan.js';
import { uploadComposed } from './composed-upload.js';
import { contentStream } from './content-stream.js';
import { isCopyable } from './is-copyable.js';
import { LayeredFile } from './layered-file.js';
import { storeFile, storeShort } from './store-file.js';
import type { UploadContent, UploadTarget } from './upload-content.js';

/**
 * An upload whose changes are gathered in a temporary file until the close: for everything that a stream cannot do.
 * What an existing object holds stays in the store; unchanged runs of it that are long enough are copied there.
 */
export class GatheredContent implements UploadContent {
  readonly #target: UploadTarget;
  readonly #base: StoredObject | undefined;
  #opening: Promise<LayeredFile> | undefined;
  #file: LayeredFile | undefined;

  /**
   * @param base what the content begins with
   * @default base nothing
   */
  constructor(target: UploadTarget, base?: StoredObject) {
    this.#target = target;
    this.#base = base;
  }

  get size(): number {
    return this.#file?.size ?? this.#base?.size ?? 0;
  }

  /** @throws SftpError what the object is read with; `EIO` when it is another version now */
  async read(target: Uint8Array, offset: number): Promise<number> {
    return (await this.#opened()).read(target, offset);
  }

  /** @throws SftpError `EFBIG`, `ENOSPC`, `EIO` */
  async write(data: Uint8Array, offset: number): Promise<void> {
    await (await this.#opened()).write(data, offset);
  }

  /** @throws SftpError `EFBIG`, `ENOSPC`, `EIO` */
  async resize(size: number): Promise<void> {
    await (await this.#opened()).resize(size);
  }

  /** @throws SftpError what the store fails with, `EIO` when the object is another version now; nothing is stored then */
  async store(): Promise<void> {
    try {
      await this.#store(await this.#opened());
    } finally {
      await this.discard();
    }
  }

  async discard(): Promise<void> {
    await this.#file?.close();
  }

  async #store(file: LayeredFile): Promise<void> {
    const { size, kept } = file;
    if (kept.length === 0) {
      await storeFile(this.#target, file, size);
      return;
    }
    const base = this.#base;
    if (await storeShort(this.#target, file, size, base)) return;
    const copied = base !== undefined && isCopyable(base.key) ? kept : [];
    const { partSize } = this.#target.context.settings;
    await uploadComposed(this.#target, composePlan({ size, kept: copied, partSize }), {
      base,
      open: (range) => (signal) => contentStream(file.sequential(signal), range),
    });
  }

  async #opened(): Promise<LayeredFile> {
    this.#opening ??= LayeredFile.create(this.#target.context, this.#base);
    this.#file = await this.#opening;
    return this.#file;
  }
}
