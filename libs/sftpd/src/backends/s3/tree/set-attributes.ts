import type { AttributeChanges } from '../../../filesystem/file-info.js';
import type { SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { KeySpace } from '../key-space.js';
import {
  attributesOf,
  changedAttributes,
  type KeptAttributes,
  withAttributes,
} from '../object-attributes.js';
import type { StoredObject } from '../store/stored-object.js';
import { copyObject } from './copy-object.js';
import { setDirectoryAttributes } from './directories.js';
import { findEntry, missingError } from './look-up.js';
import type { TreeContext } from './tree-context.js';

/** Attributes that are set by name; the size is the content's business. */
export type MetadataChanges = Omit<AttributeChanges, 'size'>;

/** What STAT tells of a file and of a directory whose mode nobody has set. */
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/**
 * Sets mode and times of a file or a directory (SETSTAT): in the metadata of the object by CopyObject onto itself, in
 * those of a directory's marker. What is as it should be already costs nothing but the lookup.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`, `ENAMETOOLONG`, `ENOTSUP` for an owner, `EIO` when the file was changed
 * meanwhile
 */
export async function setAttributes(
  context: TreeContext,
  keys: KeySpace,
  path: SftpPath,
  changes: MetadataChanges,
): Promise<void> {
  const entry = await findEntry(context, keys, path);
  if (entry === undefined) throw await missingError(context, keys, path);
  const { uid = 0, gid = 0 } = changes;
  if (uid !== 0 || gid !== 0) throw new SftpError('ENOTSUP', 'This storage keeps no owners');
  if (entry.type === 'file') {
    await setFileAttributes(context, entry.object, changes);
  } else if (isChange({ mode: DIRECTORY_MODE, ...entry.attributes }, changes)) {
    await setDirectoryAttributes(context, keys, path, entry, changes);
  }
}

async function setFileAttributes(
  context: TreeContext,
  object: StoredObject,
  changes: MetadataChanges,
): Promise<void> {
  const kept = attributesOf(object.metadata);
  if (!isChange({ mode: FILE_MODE, ...kept }, changes)) return;
  // The rewrite makes the object new, but the content has not been modified.
  const changed = changedAttributes({ modifiedAt: object.lastModified, ...kept }, changes);
  const metadata = withAttributes(object.metadata, changed);
  const etag = await copyObject(context, object, object.key, {
    metadata,
    headers: object.headers,
  });
  context.tree.attributes.remember(object.key, etag, changed);
}

function isChange(kept: KeptAttributes, changes: MetadataChanges): boolean {
  const { mode, accessedAt, modifiedAt } = changes;
  return (
    (mode !== undefined && mode !== kept.mode) ||
    (accessedAt !== undefined && accessedAt.getTime() !== kept.accessedAt?.getTime()) ||
    (modifiedAt !== undefined && modifiedAt.getTime() !== kept.modifiedAt?.getTime())
  );
}
