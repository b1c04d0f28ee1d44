import type { SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { KeySpace } from '../key-space.js';
import { directoryExists, findObject, type LookUpContext, missingError } from './look-up.js';

/**
 * Removes a file (REMOVE): a HEAD, as S3 does not tell whether there was something to remove, and a DELETE. A directory
 * that has no marker goes with the last file in it.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`, `EISDIR`, `ENAMETOOLONG`
 */
export async function removeFile(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<void> {
  const key = keys.fileKey(path);
  const removed = await context.tree.turns.take(key, async () => {
    if ((await findObject(context, keys, path)) === undefined) return false;
    await context.store.delete(key);
    return true;
  });
  if (removed) return;
  if (await directoryExists(context, keys, path)) throw new SftpError('EISDIR');
  throw await missingError(context, keys, path);
}
