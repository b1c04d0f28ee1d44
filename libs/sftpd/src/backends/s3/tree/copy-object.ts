import type { S3Context } from '../s3-context.js';
import type { NewObject, StoredObject } from '../store/stored-object.js';

/** STUB, to be replaced at the merge. */
export async function copyObject(
  { store }: S3Context,
  from: StoredObject,
  toKey: string,
  target?: NewObject,
  signal?: AbortSignal,
): Promise<void> {
  await store.copy(from, toKey, target, signal);
}
