import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { assertNewName, type KeySpace } from './key-space.js';
import { ObjectFile } from './reading/object-file.js';
import { readerOf } from './reading/reader-of.js';
import type { S3Context } from './s3-context.js';
import type { StoredObject } from './store/stored-object.js';
import { isKnownFree } from './tree/free-names.js';
import { assertParent, directoryExists, findObject, missingError } from './tree/look-up.js';
import { openUpload } from './writing/open-upload.js';

/**
 * Opens a file (OPEN).
 *
 * @throws SftpError `ENOENT`, `EEXIST` (`exclusive`), `EISDIR`, `ENOTDIR`, `ENAMETOOLONG`, `EACCES` for the name of a marker
 */
export async function openObject(
  context: S3Context,
  keys: KeySpace,
  path: SftpPath,
  flags: OpenFlags,
): Promise<OpenFile> {
  const existing = await (flags.create
    ? lookWhereToMake(context, keys, path, flags)
    : findObject(context, keys, path));
  if (existing === undefined && !flags.create) {
    if (await directoryExists(context, keys, path)) throw new SftpError('EISDIR');
    throw await missingError(context, keys, path);
  }
  if (!flags.write && existing !== undefined) {
    return new ObjectFile(existing, readerOf(context, existing));
  }
  const key = keys.fileKey(path);
  return openUpload(context, {
    key,
    flags,
    existing,
    assertNameFree: async () => {
      if (!flags.exclusive || (await context.store.head(key)) === undefined) return;
      throw new SftpError('EEXIST');
    },
  });
}

/** Cuts a file, or extends it with zeros (SETSTAT). */
export async function resizeObject(
  context: S3Context,
  keys: KeySpace,
  path: SftpPath,
  size: number,
): Promise<void> {
  const flags = { append: false, create: false, truncate: false, exclusive: false };
  const file = await openObject(context, keys, path, { ...flags, read: true, write: true });
  try {
    await file.setAttributes?.({ size });
  } catch (error) {
    await file.abort();
    throw error;
  }
  await file.close();
}

/** What is under a name that a file may be made under; asked for all at once, as each upload waits for it. */
async function lookWhereToMake(
  context: S3Context,
  keys: KeySpace,
  path: SftpPath,
  { exclusive, truncate }: OpenFlags,
): Promise<StoredObject | undefined> {
  if (truncate && !exclusive && (await isKnownFree(context, keys, path))) {
    assertNewName(path);
    return undefined;
  }
  const [existing, isDirectory] = await Promise.all([
    findObject(context, keys, path),
    directoryExists(context, keys, path),
    assertParent(context, keys, path),
  ]);
  if (exclusive && (existing !== undefined || isDirectory)) throw new SftpError('EEXIST');
  if (existing !== undefined) return existing;
  if (isDirectory) throw new SftpError('EISDIR');
  assertNewName(path);
  return undefined;
}
