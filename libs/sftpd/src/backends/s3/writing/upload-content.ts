import type { S3Context } from '../s3-context.js';
import type { Commit } from './commit.js';
import type { UploadAttributes } from './upload-attributes.js';

/** Where an upload goes, and with what. */
export interface UploadTarget {
  readonly context: S3Context;
  readonly key: string;
  readonly attributes: UploadAttributes;
  readonly commit: Commit;
}

/**
 * The content of an upload and the way in which it gets to the store. Calls come one at a time, but for reads. It
 * ends once, by {@link store} or by {@link discard}; both give back all memory and temporary files.
 */
export interface UploadContent {
  /** In bytes, as far as it is known now. */
  readonly size: number;

  /** Fills `target` from `offset`; the number of bytes read, less than its length only at the end. */
  read(target: Uint8Array, offset: number): Promise<number>;

  /** @param data at least one byte, valid only until the returned promise settles */
  write(data: Uint8Array, offset: number): Promise<void>;

  /** Cuts the content, or extends it by zeros. */
  resize(size: number): Promise<void>;

  /** Stores the content, whole or not at all. */
  store(): Promise<void>;

  /** Leaves nothing in the store. Never rejects. */
  discard(): Promise<void>;
}
