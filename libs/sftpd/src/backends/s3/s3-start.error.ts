/** The store of an `S3Backend` cannot be used; found at the start. */
export class S3StartError extends Error {
  override readonly name = 'S3StartError';
}
