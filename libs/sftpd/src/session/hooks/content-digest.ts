import { createHash, type Hash } from 'node:crypto';

/** The digest of what is written from the first byte to the last, in order; of anything else it knows nothing. */
export class ContentDigest {
  readonly algorithm: string;
  readonly #hash: Hash;
  readonly #append: boolean;
  #length = 0;
  #inOrder = true;

  /**
   * @param algorithm as `node:crypto` names it
   * @param append whether everything is written at the end, whatever offset it names
   */
  constructor(algorithm: string, append: boolean) {
    this.algorithm = algorithm;
    this.#hash = createHash(algorithm);
    this.#append = append;
  }

  /** Something has been written. */
  update(data: Uint8Array, offset: number): void {
    if (!this.#inOrder || data.length === 0) return;
    if (!this.#append && offset !== this.#length) {
      this.miss();
      return;
    }
    this.#hash.update(data);
    this.#length += data.length;
  }

  /** The content has changed in a way that the digest has not seen. */
  miss(): void {
    this.#inOrder = false;
  }

  /**
   * Hexadecimal digits; nothing when the digest has not seen all of the content.
   *
   * @param size bytes of the content
   */
  finish(size: number): string | undefined {
    return this.#inOrder && this.#length === size ? this.#hash.digest('hex') : undefined;
  }
}
