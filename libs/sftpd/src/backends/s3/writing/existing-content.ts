import type { ObjectReader } from '../reading/object-reader.js';
import type { StoredObject } from '../store/stored-object.js';
import { copyObject } from '../tree/copy-object.js';
import { assertUnchanged } from './assert-unchanged.js';
import { GatheredContent } from './gathered-content.js';
import { readerOf } from '../reading/reader-of.js';
import type { UploadContent } from './upload-content.js';
import type { UploadWays } from './upload-ways.js';

/**
 * The content of an object as long as nothing of it has been changed: the first change decides which way the upload
 * goes, and without one nothing of the content goes anywhere but, for a copy, inside the store.
 */
export class ExistingContent implements UploadContent {
  readonly #ways: UploadWays;
  readonly #object: StoredObject;
  readonly #isCopy: boolean;
  #reader: ObjectReader | undefined;
  #changed: UploadContent | undefined;

  /**
   * @param object what is there under the name, or what is to be copied there
   * @param isCopy whether it is to be copied
   */
  constructor(ways: UploadWays, object: StoredObject, isCopy: boolean) {
    this.#ways = ways;
    this.#object = object;
    this.#isCopy = isCopy;
  }

  get size(): number {
    return this.#changed?.size ?? this.#object.size;
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    if (this.#changed !== undefined) return this.#changed.read(target, offset);
    this.#reader ??= readerOf(this.#ways.target.context, this.#object);
    return this.#reader.read(target, offset);
  }

  async write(data: Uint8Array, offset: number): Promise<void> {
    this.#changed ??=
      offset === this.#object.size && !this.#isCopy
        ? await this.#ways.resumed(this.#object)
        : this.#ways.changed(this.#object);
    await this.#changed.write(data, offset);
  }

  async resize(size: number): Promise<void> {
    if (size === this.size) return;
    if (this.#changed === undefined && size === 0) {
      this.#ways.target.attributes.replace();
      this.#changed = this.#ways.fresh();
      return;
    }
    this.#changed ??= this.#ways.changed(this.#object);
    await this.#changed.resize(size);
  }

  async store(): Promise<void> {
    try {
      if (this.#changed !== undefined) await this.#changed.store();
      else if (this.#isCopy) await this.#copy();
      else await this.#changeAttributes();
    } finally {
      this.#reader?.close();
    }
  }

  async discard(): Promise<void> {
    this.#reader?.close();
    await this.#changed?.discard();
  }

  async #copy(): Promise<void> {
    const { target } = this.#ways;
    const { context, key, attributes, commit } = target;
    // A copy knows no condition: it is composed then.
    if (commit.exclusive) {
      await new GatheredContent(target, this.#object).store();
      return;
    }
    await assertUnchanged(context, this.#object);
    commit.etag = await commit.run(() => copyObject(context, this.#object, key, attributes.send()));
  }

  async #changeAttributes(): Promise<void> {
    const { context, key, attributes } = this.#ways.target;
    const changes = attributes.changesOnly;
    if (changes !== undefined) await copyObject(context, this.#object, key, changes);
  }
}
