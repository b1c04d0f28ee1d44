/**
 * Whether UploadPartCopy is trusted with a key as its source. Some stores decode it twice (Ceph 16 does): `a%20b`
 * would silently be a copy of `a b`.
 */
export function isCopyable(key: string): boolean {
  return !/[%+]/.test(key);
}
