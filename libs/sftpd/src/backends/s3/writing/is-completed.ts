import { createHash } from 'node:crypto';

import type { S3Context } from '../s3-context.js';
import { httpStatus } from '../store/s3-errors.js';

/**
 * Whether a multipart upload that the store does not know any more has become the object: the answer to a first try
 * of its completion was lost, and the second one finds nothing to complete.
 *
 * @param error what the completion failed with
 * @param etags of all the parts, in order
 */
export async function isCompleted(
  { store }: Pick<S3Context, 'store'>,
  key: string,
  error: unknown,
  etags: readonly string[],
): Promise<boolean> {
  if (httpStatus(error) !== 404) return false;
  const hash = createHash('md5');
  for (const etag of etags) hash.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
  const object = await store.head(key).catch(() => undefined);
  return object?.etag.replaceAll('"', '') === `${hash.digest('hex')}-${etags.length}`;
}
