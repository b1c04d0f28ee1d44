import { SftpError } from '../../../filesystem/sftp-error.js';
import type { S3Context } from '../s3-context.js';
import type { StoredObject } from '../store/stored-object.js';

/**
 * Looks whether an object is still what it was: a file that is made of two versions of another is a file that never
 * was.
 *
 * @throws SftpError `EIO` when it is another version now, or gone
 */
export async function assertUnchanged(
  { store }: Pick<S3Context, 'store'>,
  object: StoredObject,
): Promise<void> {
  const now = await store.head(object.key);
  const same =
    now?.etag === object.etag &&
    now.size === object.size &&
    // Without ETags the time is all there is.
    (object.etag !== '' || now.lastModified.getTime() === object.lastModified.getTime());
  if (!same) throw new SftpError('EIO', 'The file was changed by someone else in the meantime');
}
