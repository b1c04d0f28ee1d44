import { SftpError } from '../../../filesystem/sftp-error.js';
import { isMarker, shortKey } from '../key-space.js';
import { reasonOf } from '../store/s3-errors.js';
import type { ListedObject } from '../store/stored-object.js';
import { copyObject } from './copy-object.js';
import { forgetDirectory } from './directories.js';
import { eachBounded } from './each-bounded.js';
import { type KeyPair, keyPairs, objectsBelow } from './keys-below.js';
import { removeObjects } from './remove-objects.js';
import type { TreeContext } from './tree-context.js';

/** As many keys as one request removes. */
const BATCH = 1000;
/** Copies that are remembered because the store has given them another ETag than their sources'. */
const MAX_REMEMBERED = 10_000;

/**
 * Renames a directory: copies every object below it, markers and keys that no client could name among them, and then
 * removes exactly those whose copy is there. What others have written meanwhile stays where it is. Nothing is held of
 * the directory but a page of its listing.
 *
 * @param fromPrefix the directory's prefix
 * @param toPrefix the new one; nothing but markers is below it
 * @param replaced whether there was an (empty) directory at the new place
 * @throws SftpError when something could not be copied: the copies are removed then, and the source is as it was; or
 * not be removed: it is at both places then
 */
export async function renameDirectory(
  context: TreeContext,
  fromPrefix: string,
  toPrefix: string,
  replaced: boolean,
): Promise<void> {
  const renaming = new DirectoryRename(context, fromPrefix, toPrefix);
  try {
    await renaming.copyAll();
  } catch (error) {
    await renaming.removeCopies(replaced);
    throw error;
  }
  try {
    await renaming.removeSources();
  } finally {
    forgetDirectory(context, fromPrefix);
  }
}

class DirectoryRename {
  readonly #context: TreeContext;
  readonly #from: string;
  readonly #to: string;
  /** ETags by the keys of copies, where a copy's is not that of its source. */
  readonly #etags = new Map<string, { readonly copy: string; readonly source: string }>();

  constructor(context: TreeContext, from: string, to: string) {
    this.#context = context;
    this.#from = from;
    this.#to = to;
  }

  async copyAll(): Promise<void> {
    const { settings, tree } = this.#context;
    const sources = objectsBelow(this.#context, this.#from);
    await eachBounded(sources, settings.copyConcurrency, (source) => this.#copy(source));
    tree.directories.remember(this.#to);
    tree.attributes.rememberDirectory(this.#to, tree.attributes.ofDirectory(this.#from));
  }

  /** Removes the sources whose copies are there. */
  async removeSources(): Promise<void> {
    let batch: string[] = [];
    for await (const pair of keyPairs(this.#context, this.#from, this.#to)) {
      if (await this.#isCopied(pair)) batch.push(pair.source.key);
      if (batch.length < BATCH) continue;
      await removeObjects(this.#context, batch);
      batch = [];
    }
    if (batch.length > 0) await removeObjects(this.#context, batch);
    const left = await this.#context.store.list({ prefix: this.#from, maxKeys: 1 });
    if (left.objects.length > 0) {
      throw new SftpError(
        'EIO',
        'The directory was changed while it was renamed: what is new is still under the old name',
      );
    }
  }

  /** Removes what has been copied, as far as it can be told from what others have written there meanwhile. */
  async removeCopies(replaced: boolean): Promise<void> {
    try {
      let batch: string[] = [];
      for await (const { source, otherKey, other } of keyPairs(
        this.#context,
        this.#from,
        this.#to,
      )) {
        if (other === undefined || !this.#isOwnCopy(source, other)) continue;
        // An empty directory that was there before stays.
        if (replaced && isMarker(this.#to, other)) continue;
        batch.push(otherKey);
        if (batch.length < BATCH) continue;
        await removeObjects(this.#context, batch);
        batch = [];
      }
      if (batch.length > 0) await removeObjects(this.#context, batch);
    } catch (error) {
      this.#context.settings.log.warn(
        `A rename that failed has left copies below ${this.#to}: ${reasonOf(error)}`,
      );
    } finally {
      forgetDirectory(this.#context, this.#to);
    }
  }

  async #copy(source: ListedObject): Promise<void> {
    const { attributes } = this.#context.tree;
    const toKey = shortKey(this.#to + source.key.slice(this.#from.length));
    const etag = await copyObject(this.#context, source, toKey);
    attributes.remember(toKey, etag, attributes.of(source.key, source.etag));
    if (etag !== source.etag && this.#etags.size < MAX_REMEMBERED)
      this.#etags.set(toKey, { copy: etag, source: source.etag });
  }

  /** Whether a source may go: its copy has what it has now. */
  async #isCopied({ source, otherKey, other }: KeyPair): Promise<boolean> {
    // A store that lists in another order than the others has hidden the copy from the walk.
    const copy = other ?? (await this.#context.store.head(otherKey));
    if (copy?.size !== source.size) return false;
    if (copy.etag === source.etag && copy.etag !== '') return true;
    const etags = this.#etags.get(otherKey);
    if (etags !== undefined && etags.copy !== '' && etags.source !== '')
      return copy.etag === etags.copy && source.etag === etags.source;
    // The ETags of objects that are encrypted, or were made of parts, do not tell their content. Times must do then, to
    // the second: what was changed in the second of its copy counts as changed after it.
    return copy.lastModified.getTime() > source.lastModified.getTime();
  }

  /** Whether a copy may go: this rename has made it, and its source is there. */
  #isOwnCopy(source: ListedObject, copy: ListedObject): boolean {
    if (copy.size !== source.size || copy.etag === '') return false;
    return copy.etag === source.etag || copy.etag === this.#etags.get(copy.key)?.copy;
  }
}
