import { createHash } from 'node:crypto';

/** The hashes that a fingerprint can be made with. */
export type FingerprintAlgorithm = 'sha256' | 'md5';

/**
 * What people know a key by, as `ssh-keygen -l` prints it.
 *
 * @param key a key, or its bytes in SSH's own encoding (RFC 4253, section 6.6)
 * @param algorithm `sha256` gives `SHA256:` and base64 without padding; `md5` gives `MD5:` and pairs of hexadecimal
 * digits with colons between them, as `ssh-keygen -l -E md5` prints it
 * @default algorithm 'sha256'
 */
export function fingerprint(
  key: { readonly data: Buffer } | Buffer,
  algorithm: FingerprintAlgorithm = 'sha256',
): string {
  const hash = createHash(algorithm).update(Buffer.isBuffer(key) ? key : key.data);
  if (algorithm === 'sha256') return `SHA256:${hash.digest('base64').replace(/=+$/, '')}`;
  return `MD5:${(hash.digest('hex').match(/../g) ?? []).join(':')}`;
}
