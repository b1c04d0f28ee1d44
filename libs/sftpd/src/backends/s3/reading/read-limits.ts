/** What one download may use, and how long it may wait. */
export interface ReadLimits {
  /** The longest range that is read ahead, in bytes. */
  readonly rangeSize: number;
  /** GETs that are on their way at once; what is held never exceeds so many of the longest ranges. */
  readonly concurrency: number;
  /** Milliseconds without a byte after which a body is given up and fetched again. */
  readonly stallTimeout: number;
  /** Milliseconds for one READ, and for the answer to one GET. */
  readonly requestTimeout: number;
}
