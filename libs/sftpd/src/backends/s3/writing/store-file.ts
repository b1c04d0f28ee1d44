import type { StoredObject } from '../store/stored-object.js';
import { assertUnchanged } from './assert-unchanged.js';
import { composePlan } from './compose-plan.js';
import { uploadComposed } from './composed-upload.js';
import { contentStream, type ReadableContent } from './content-stream.js';
import { MANAGED_EXTRA_PARTS, type ManagedParts, uploadManaged } from './managed-upload.js';
import { MAX_PARTS, MIN_PART } from './part-plan.js';
import { MAX_IN_MEMORY } from './part-room.js';
import type { UploadTarget } from './upload-content.js';

/** What a managed upload may hold, in bytes. */
const MAX_BYTES = 36 * 1024 * 1024;
/** Parts of a managed upload that are on their way at once. */
const QUEUE = 4;

/**
 * Stores a content that is there as a whole: in one request when it is short, and by a managed upload, whose parts
 * are read into memory, when there is memory for that. Otherwise its parts are sent as streams.
 *
 * @throws SftpError what the store fails with; nothing is stored then
 */
export async function storeFile(
  target: UploadTarget,
  content: ReadableContent,
  size: number,
): Promise<void> {
  if (await storeShort(target, content, size)) return;
  const { uploadMemory, settings } = target.context;
  const parts = managedParts(size, settings.partSize, settings.uploadConcurrency);
  const bytes = parts === undefined ? 0 : bytesOf(parts);
  // Parts as streams are what can always be done.
  if (parts === undefined || size <= parts.partSize || !uploadMemory.tryTake(bytes, true)) {
    await uploadComposed(target, composePlan({ size, kept: [], partSize: settings.partSize }), {
      open: (range) => () => contentStream(content, range),
    });
    return;
  }
  try {
    await uploadManaged(target, content, size, parts);
  } finally {
    uploadMemory.give(bytes);
  }
}

/**
 * Stores a content in one request, if it is short enough and there is memory for it.
 *
 * @param base an object that the content was made from, and that must still be what it was
 * @returns whether it has been stored
 */
export async function storeShort(
  { context, key, attributes, commit }: UploadTarget,
  content: ReadableContent,
  size: number,
  base?: StoredObject,
): Promise<boolean> {
  const { store, settings, uploadMemory } = context;
  const most = Math.min(settings.partSize, MAX_IN_MEMORY);
  if (size > most || !uploadMemory.tryTake(size, false)) return false;
  try {
    const body = Buffer.allocUnsafeSlow(size);
    for (let offset = 0; offset < size;) {
      offset += await content.read(body.subarray(offset), offset);
    }
    if (base !== undefined) await assertUnchanged(context, base);
    commit.etag = await commit.run((condition) =>
      store.put(key, body, attributes.send(), condition),
    );
    return true;
  } finally {
    uploadMemory.give(size);
  }
}

/** How a managed upload of a size is cut; `undefined` when its parts would have to be too long. */
function managedParts(size: number, wish: number, concurrency: number): ManagedParts | undefined {
  const partSize = Math.max(wish, MIN_PART, Math.ceil(size / MAX_PARTS));
  const queueSize = Math.min(
    QUEUE,
    concurrency,
    Math.floor(MAX_BYTES / partSize) - MANAGED_EXTRA_PARTS,
  );
  return queueSize < 1 ? undefined : { partSize, queueSize };
}

function bytesOf({ partSize, queueSize }: ManagedParts): number {
  return partSize * (queueSize + MANAGED_EXTRA_PARTS);
}
