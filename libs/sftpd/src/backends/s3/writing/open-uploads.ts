/**
 * The multipart uploads that this process has open. The clean-up of abandoned uploads asks here, and leaves alone
 * what is still being written, however old it is.
 */
export class OpenUploads {
  readonly #ids = new Set<string>();

  /** Whether this process is still at work on a multipart upload. */
  has(uploadId: string): boolean {
    return this.#ids.has(uploadId);
  }

  /** @internal A multipart upload has begun. */
  add(uploadId: string): void {
    this.#ids.add(uploadId);
  }

  /** @internal A multipart upload has ended, or could not be ended: it is the clean-up's from now on. */
  delete(uploadId: string): void {
    this.#ids.delete(uploadId);
  }
}
