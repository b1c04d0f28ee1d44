import { inspect } from 'node:util';

import type { S3Context } from '../s3-context.js';
import { httpStatus } from '../store/s3-errors.js';
import type { MultipartUpload } from '../store/stored-object.js';

/** A part that the store was still at work on may show after an abort: S3 says to abort again then. */
const TRIES = 3;

/**
 * Aborts a multipart upload and looks whether the store has let go of its parts. Never rejects: what cannot be
 * aborted is told in the log and left to the clean-up of abandoned uploads.
 *
 * @param upload none of whose parts is on its way any more
 */
export async function giveUpMultipart(
  { store, openUploads, settings }: S3Context,
  upload: MultipartUpload,
): Promise<void> {
  let failure: unknown = new Error('The store keeps its parts');
  for (let tries = 0; tries < TRIES && failure !== undefined; tries += 1) {
    try {
      await store.abortMultipart(upload);
      if (await isGone(store, upload)) failure = undefined;
    } catch (error) {
      failure = error;
    }
  }
  openUploads.delete(upload.uploadId);
  if (failure === undefined) return;
  const what = `The multipart upload ${upload.uploadId} of ${JSON.stringify(upload.key)}`;
  settings.log.warn(`${what} could not be aborted: ${inspect(failure)}`);
}

async function isGone(store: S3Context['store'], upload: MultipartUpload): Promise<boolean> {
  try {
    const { sizes } = await store.listParts(upload);
    return sizes.size === 0;
  } catch (error) {
    // Where parts cannot be listed, or may not, the store has to be believed.
    if ([403, 404, 405, 501].includes(httpStatus(error) ?? 0)) return true;
    throw error;
  }
}
