import { SftpError } from '../../../filesystem/sftp-error.js';
import { isPreconditionFailed, reasonOf, storeError } from '../store/s3-errors.js';
import type {
  MultipartUpload,
  NewObject,
  ObjectVersion,
  StoredObject,
  UploadedPart,
} from '../store/stored-object.js';
import type { CopyContext, CopySizes } from './copy-object.js';
import { eachBounded } from './each-bounded.js';

const MAX_PARTS = 10_000;
const PARTS_AT_ONCE = 4;
/** Times that a part is sent which goes through this process: the SDK does not send a stream again. */
const TRIES = 3;

interface Range {
  readonly partNumber: number;
  readonly start: number;
  /** Byte after the last. */
  readonly end: number;
}

/** How a large object is copied. */
export interface MultipartCopyOptions {
  readonly target: NewObject | undefined;
  readonly signal: AbortSignal | undefined;
  readonly sizes: CopySizes;
}

/**
 * Copies an object in parts. The parts that the store has are measured before it may make an object of them, and are
 * given up when anything fails.
 *
 * @returns the ETag of the copy
 * @throws SftpError
 */
export async function multipartCopy(
  context: CopyContext,
  from: ObjectVersion | StoredObject,
  toKey: string,
  { target, signal, sizes }: MultipartCopyOptions,
): Promise<string> {
  const { store, openUploads } = context;
  const copied = target ?? (await describe(context, from));
  const upload = await store.beginMultipart(toKey, copied);
  openUploads?.add(upload.uploadId);
  try {
    const isStreamed = !isTrusted(from.key);
    const ranges = rangesOf(from.size, isStreamed ? sizes.streamedPart : sizes.part);
    const failed = new AbortController();
    const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const parts: UploadedPart[] = [];
    await eachBounded(ranges, PARTS_AT_ONCE, async (range) => {
      try {
        const send = isStreamed ? streamPart : copyPart;
        parts.push(await send(context, upload, from, range, stop));
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
    await assertParts(context, upload, ranges);
    if (signal?.aborted === true) throw storeError(signal.reason);
    await store.complete(upload, parts);
  } catch (error) {
    await giveUp(context, upload);
    throw error;
  } finally {
    openUploads?.delete(upload.uploadId);
  }
  const made = await store.head(toKey);
  if (made?.size !== from.size) throw miscopied(`${made?.size} of ${from.size} bytes`);
  return made.etag;
}

/**
 * Ceph 16 decodes the source's key of UploadPartCopy twice, and copies another object or dies of it; CopyObject has no
 * such fault.
 */
function isTrusted(key: string): boolean {
  return !/[%+]/.test(key);
}

async function describe(
  { store }: CopyContext,
  from: ObjectVersion | StoredObject,
): Promise<NewObject> {
  if ('metadata' in from) return from;
  const found = await store.head(from.key);
  if (found === undefined) throw new SftpError('ENOENT');
  return found;
}

function rangesOf(size: number, leastPart: number): Range[] {
  const part = Math.max(leastPart, Math.ceil(size / MAX_PARTS));
  return Array.from({ length: Math.ceil(size / part) }, (_, index) => ({
    partNumber: index + 1,
    start: index * part,
    end: Math.min(size, (index + 1) * part),
  }));
}

function copyPart(
  { store }: CopyContext,
  upload: MultipartUpload,
  from: ObjectVersion,
  { partNumber, start, end }: Range,
  signal: AbortSignal,
): Promise<UploadedPart> {
  return store.copyPart(upload, partNumber, from, start, end, signal);
}

async function streamPart(
  context: CopyContext,
  upload: MultipartUpload,
  from: ObjectVersion,
  range: Range,
  signal: AbortSignal,
): Promise<UploadedPart> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await streamOnce(context, upload, from, range, signal);
    } catch (error) {
      if (tries === TRIES || signal.aborted || isPreconditionFailed(error)) throw error;
    }
  }
}

async function streamOnce(
  { store, settings }: CopyContext,
  upload: MultipartUpload,
  from: ObjectVersion,
  { partNumber, start, end }: Range,
  signal: AbortSignal,
): Promise<UploadedPart> {
  // The SDK does not look at what becomes of the body: one that breaks off would leave the request waiting.
  const broken = new AbortController();
  const limit = AbortSignal.timeout(settings.transferTimeout);
  const stop = AbortSignal.any([signal, limit, broken.signal]);
  const body = await store.read(from, start, end, stop);
  body.once('error', (error) => broken.abort(error));
  try {
    return await store.uploadPart(upload, partNumber, body, end - start, stop);
  } finally {
    body.destroy();
  }
}

async function assertParts(
  { store }: CopyContext,
  upload: MultipartUpload,
  ranges: readonly Range[],
): Promise<void> {
  const sizes = new Map<number, number>();
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof store.listParts>> = await store.listParts(upload, after);
    for (const [partNumber, size] of page.sizes) sizes.set(partNumber, size);
    after = page.next;
  }
  for (const { partNumber, start, end } of ranges) {
    const size = sizes.get(partNumber);
    if (size !== end - start)
      throw miscopied(`part ${partNumber} has ${size} of ${end - start} bytes`);
  }
}

async function giveUp({ store, settings }: CopyContext, upload: MultipartUpload): Promise<void> {
  try {
    await store.abortMultipart(upload);
  } catch (error) {
    settings.log.warn(
      `A copy that failed has left a multipart upload of ${upload.key}: ${reasonOf(error)}`,
    );
  }
}

function miscopied(what: string): SftpError {
  return storeError(new Error(`The store has copied an object wrongly: ${what}`));
}
