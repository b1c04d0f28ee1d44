import { SftpError } from '../../../filesystem/sftp-error.js';
import { errorName, httpStatus } from '../store/s3-errors.js';
import { eachBounded } from './each-bounded.js';
import type { TreeContext } from './tree-context.js';

/** Characters that XML cannot hold, or changes: DeleteObjects, whose keys are XML, would name another object. */
const NOT_OF_XML = /[\p{Cc}\ufffe\uffff]/u;

/**
 * Removes up to 1000 objects: by one DeleteObjects, and one by one what that cannot name or would not remove, or
 * where the store has no such request.
 */
export async function removeObjects(
  { store, settings }: Pick<TreeContext, 'store' | 'settings'>,
  keys: readonly string[],
): Promise<void> {
  const together = keys.filter((key) => !NOT_OF_XML.test(key));
  const single = keys.filter((key) => NOT_OF_XML.test(key));
  if (together.length > 1) single.push(...(await notRemoved(store, together)));
  else single.push(...together);
  await eachBounded(single, settings.copyConcurrency, (key) => store.delete(key));
}

async function notRemoved(
  store: TreeContext['store'],
  keys: readonly string[],
): Promise<readonly string[]> {
  try {
    return (await store.deleteAll(keys)).map(({ key }) => key);
  } catch (error) {
    if (isUnknownRequest(error)) return keys;
    throw error;
  }
}

function isUnknownRequest(error: unknown): boolean {
  const status = httpStatus(error);
  return (
    status === 501 ||
    status === 405 ||
    (error instanceof SftpError && /^(NotImplemented|MethodNotAllowed)$/.test(errorName(error)))
  );
}
