import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { KeySpace } from './key-space.js';
import { ObjectFile } from './reading/object-file.js';
import { ObjectReader } from './reading/object-reader.js';
import type { S3Context } from './s3-context.js';
import type { StoredObject } from './store/stored-object.js';
import { assertParent, directoryExists } from './tree/look-up.js';
import { openUpload } from './writing/open-upload.js';

/**
 * Opens a file (OPEN).
 *
 * @throws SftpError `ENOENT`, `EEXIST` (`exclusive`), `EISDIR`, `ENOTDIR`
 */
export async function openObject(
  context: S3Context,
  keys: KeySpace,
  path: SftpPath,
  flags: OpenFlags,
): Promise<OpenFile> {
  const key = keys.fileKey(path);
  const existing = flags.create
    ? await lookWhereToMake(context, keys, path, key)
    : await context.store.head(key);
  if (existing !== undefined && flags.create && flags.exclusive) throw new SftpError('EEXIST');
  if (existing === undefined && !flags.create) {
    throw new SftpError((await directoryExists(context, keys, path)) ? 'EISDIR' : 'ENOENT');
  }
  if (!flags.write && existing !== undefined) return readObject(context, existing);
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
  key: string,
): Promise<StoredObject | undefined> {
  const [existing, isDirectory] = await Promise.all([
    context.store.head(key),
    directoryExists(context, keys, path),
    assertParent(context, keys, path),
  ]);
  if (existing === undefined && isDirectory) throw new SftpError('EISDIR');
  return existing;
}

function readObject(context: S3Context, object: StoredObject): OpenFile {
  const { store, settings, downloadMemory } = context;
  const limits = {
    rangeSize: settings.downloadRangeSize,
    concurrency: settings.downloadConcurrency,
    stallTimeout: settings.socketTimeout,
    requestTimeout: settings.requestTimeout,
  };
  return new ObjectFile(object, new ObjectReader(store, object, limits, downloadMemory));
}
