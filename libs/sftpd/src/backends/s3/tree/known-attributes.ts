import type { FileAttributes } from '../../../filesystem/make-file-info.js';
import type { KeptAttributes } from '../object-attributes.js';
import { RecentMap } from './recent-map.js';

const MAX_ENTRIES = 10_000;

interface KnownFile {
  readonly etag: string;
  readonly attributes: KeptAttributes;
}

/**
 * Attributes that objects keep in their metadata, as far as they have been seen. A listing does not tell them; what is
 * known here makes it tell the same times and modes as STAT without a request.
 */
export class KnownAttributes {
  readonly #files: RecentMap<KnownFile>;
  readonly #directories: RecentMap<FileAttributes>;

  /**
   * @param limit files, and as many directories, that are kept
   * @default limit 10000
   */
  constructor(limit = MAX_ENTRIES) {
    this.#files = new RecentMap(limit);
    this.#directories = new RecentMap(limit);
  }

  /**
   * An object has these attributes.
   *
   * @param etag of the version that has them, as the store writes it; nothing is remembered without one
   */
  remember(key: string, etag: string, attributes: KeptAttributes): void {
    if (etag === '' || Object.keys(attributes).length === 0) this.#files.delete(key);
    else this.#files.set(key, { etag, attributes });
  }

  /** The attributes of a version of an object; none when they are not known. */
  of(key: string, etag: string): KeptAttributes {
    const known = this.#files.get(key);
    return known?.etag === etag ? known.attributes : {};
  }

  /**
   * A directory has these attributes.
   *
   * @param prefix the directory's
   */
  rememberDirectory(prefix: string, attributes: FileAttributes): void {
    if (Object.keys(attributes).length === 0) this.#directories.delete(prefix);
    else this.#directories.set(prefix, attributes);
  }

  /** The attributes of a directory; none when they are not known. */
  ofDirectory(prefix: string): FileAttributes {
    return this.#directories.get(prefix) ?? {};
  }

  /** A directory is gone, with all that was below it. */
  forgetDirectory(prefix: string): void {
    this.#directories.deleteBelow(prefix);
  }
}
