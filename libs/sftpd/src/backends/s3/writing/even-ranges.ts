/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a range into ranges whose lengths differ by one byte at most.
 *
 * @param count how many, at least 1
 */
export function evenRanges({ start, end }: ByteRange, count: number): ByteRange[] {
  const length = end - start;
  const least = Math.floor(length / count);
  const longer = length % count;
  const at = (index: number): number => start + index * least + Math.min(index, longer);
  return Array.from({ length: count }, (_, index) => ({ start: at(index), end: at(index + 1) }));
}
