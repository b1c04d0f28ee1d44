import type { OverwriteOption } from '../../../filesystem/backend.js';
import { isRootPath, isWithin, type SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { assertNewName, type KeySpace } from '../key-space.js';
import { markersOf } from './directories.js';
import {
  assertParent,
  directoryExists,
  findEntry,
  findObject,
  type LookUpContext,
  missingError,
} from './look-up.js';
import { renameDirectory } from './rename-directory.js';
import { renameFile } from './rename-file.js';
import type { TreeContext } from './tree-context.js';

/**
 * Renames a file, or a directory with all it holds (RENAME, `posix-rename@openssh.com`). S3 can only copy and remove:
 * others may see both names for a while, and a failure may leave both, but nothing is lost. Where one name has a file
 * and a directory, the file is renamed.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`, `EEXIST`, `ENOTEMPTY`, `EISDIR`, `EINVAL` (into itself), `EBUSY` (the root),
 * `EACCES` for the name of the marker, `ENAMETOOLONG`, `EIO` when something was changed meanwhile
 */
export async function renamePath(
  context: TreeContext,
  keys: KeySpace,
  from: SftpPath,
  to: SftpPath,
  { overwrite }: OverwriteOption,
): Promise<void> {
  if (isRootPath(from) || (overwrite && isRootPath(to))) throw new SftpError('EBUSY');
  const [source, target] = await Promise.all([
    findEntry(context, keys, from),
    targetType(context, keys, to),
  ]);
  if (source === undefined) throw await missingError(context, keys, from);
  if (target !== undefined && !overwrite) throw new SftpError('EEXIST');
  if (from === to) return;
  if (source.type === 'directory' && isWithin(to, from)) throw new SftpError('EINVAL');
  if (source.type === 'file') {
    if (target === 'directory') throw new SftpError('EISDIR');
    const toKey = keys.newFileKey(to);
    if (target === undefined) await assertParent(context, keys, to);
    await renameFile(context, source.object, toKey);
    return;
  }
  if (target === 'file') throw new SftpError('ENOTDIR');
  assertNewName(to);
  if (target === undefined) await assertParent(context, keys, to);
  else if ((await markersOf(context, keys, to)) === 'more') throw new SftpError('ENOTEMPTY');
  const replaced = target === 'directory';
  await renameDirectory(context, keys.directoryPrefix(from), keys.directoryPrefix(to), replaced);
}

async function targetType(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<'file' | 'directory' | undefined> {
  if (isRootPath(path)) return 'directory';
  if (await findObject(context, keys, path)) return 'file';
  return (await directoryExists(context, keys, path)) ? 'directory' : undefined;
}
