/** A worker can never read the content of a job. Another attempt would fare no better. */
export class UnreachableContentError extends Error {
  override readonly name = 'UnreachableContentError';
}
