import type { OpenFile, OpenFlags } from '../../../filesystem/open-file.js';
import type { S3Context } from '../s3-context.js';
import type { StoredObject } from '../store/stored-object.js';
import { Commit } from './commit.js';
import { UploadAttributes } from './upload-attributes.js';
import { UploadFile } from './upload-file.js';
import { UploadWays } from './upload-ways.js';

/** An OPEN for writing, whose look-ups have been done. */
export interface UploadRequest {
  readonly key: string;
  readonly flags: OpenFlags;
  /** What is there under the key. */
  readonly existing: StoredObject | undefined;
  /**
   * Called when the object is about to appear.
   *
   * @throws SftpError `EISDIR`, `EEXIST`, by what is there then
   */
  readonly assertNameFree: () => Promise<void>;
}

/**
 * Opens a file of the store for writing; nothing is asked of the store yet.
 *
 * - A new or emptied file is streamed to the store while it comes.
 * - An existing one is written on at its end without its content going through the server, and changed anywhere else
 *   by way of a temporary file that holds no more than the changes.
 * - Where reads are wanted too, or the backend's policy is `spool`, the upload is gathered in a temporary file.
 */
export function openUpload(context: S3Context, upload: UploadRequest): OpenFile {
  const { key, flags, existing, assertNameFree } = upload;
  const target = {
    context,
    key,
    attributes: new UploadAttributes(flags, existing),
    commit: new Commit(
      { key, exclusive: flags.create && flags.exclusive, assertNameFree },
      context.conditionalWrites,
    ),
  };
  return new UploadFile(new UploadWays(target, flags), flags, existing);
}
