import type { CopyOptions } from '../../../filesystem/backend.js';
import { isRootPath, type SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { KeySpace } from '../key-space.js';
import { attributesOf, type ObjectMetadata, withAttributes } from '../object-attributes.js';
import { copyObject } from './copy-object.js';
import { assertParent, findEntry, missingError } from './look-up.js';
import type { TreeContext } from './tree-context.js';

/** Bits that a copy keeps: no set-id bits. */
const COPIED_MODE = 0o777;

/**
 * Copies a file inside the store (`copy-file`, `copy-data` over a whole file): content, permission bits and content
 * headers, but for the times.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`, `EISDIR`, `EEXIST`, `EACCES` for the name of the marker, `ENAMETOOLONG`, `EIO`
 * when the source was changed meanwhile
 */
export async function copyFile(
  context: TreeContext,
  keys: KeySpace,
  from: SftpPath,
  to: SftpPath,
  { overwrite, signal }: CopyOptions,
): Promise<void> {
  if (isRootPath(from)) throw new SftpError('EISDIR');
  const [source, target] = await Promise.all([
    findEntry(context, keys, from),
    findEntry(context, keys, to),
  ]);
  if (source === undefined) throw await missingError(context, keys, from);
  if (source.type === 'directory') throw new SftpError('EISDIR');
  if (target !== undefined && !overwrite) throw new SftpError('EEXIST');
  if (target?.type === 'directory') throw new SftpError('EISDIR');
  if (from === to) return;
  const toKey = keys.newFileKey(to);
  if (target === undefined) await assertParent(context, keys, to);

  const { object } = source;
  const metadata = copiedMetadata(object.metadata);
  const etag = await copyObject(
    context,
    object,
    toKey,
    { metadata, headers: object.headers },
    signal,
  );
  context.tree.attributes.remember(toKey, etag, attributesOf(metadata));
}

function copiedMetadata(metadata: ObjectMetadata): ObjectMetadata {
  const { mtime: _mtime, atime: _atime, ...others } = metadata;
  const { mode } = attributesOf(metadata);
  return withAttributes(others, mode === undefined ? {} : { mode: mode & COPIED_MODE });
}
