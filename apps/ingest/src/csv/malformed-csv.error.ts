/** A file is no CSV, or one that goes beyond the bounds. Another attempt would fare no better. */
export class MalformedCsvError extends Error {
  override readonly name = 'MalformedCsvError';
}
