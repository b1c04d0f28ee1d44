import { SftpError } from '../../../filesystem/sftp-error.js';
import { isPreconditionFailed } from '../store/s3-errors.js';
import type { NewObject, ObjectVersion, StoredObject } from '../store/stored-object.js';
import { multipartCopy } from './multipart-copy.js';
import type { TreeContext } from './tree-context.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** What a copy is done with. */
export type CopyContext = Pick<TreeContext, 'store' | 'settings' | 'tree' | 'openUploads'>;

/** @internal Sizes by which it is decided how an object is copied, in bytes. */
export interface CopySizes {
  /** The largest object that one CopyObject copies. */
  readonly whole: number;
  /** A part of a larger one that is copied inside the store; parts grow so that 10,000 suffice. */
  readonly part: number;
  /** A part of a larger one that has to go through this process. */
  readonly streamedPart: number;
}

/** What S3 prescribes; parts so large that few suffice, and so small that one is copied within `transferTimeout`. */
const SIZES: CopySizes = { whole: 5 * GIB, part: 512 * MIB, streamedPart: 64 * MIB };

/**
 * Copies one version of an object inside the store; the copy appears whole or not at all.
 *
 * @param from what HEAD or a listing told of it
 * @param target what the copy is given in place of the source's metadata and headers
 * @default target the source's own
 * @param signal ends a copy that nobody waits for any more
 * @returns the ETag of the copy; empty when the store tells none
 * @throws SftpError `EIO` when the source is another version now, `ENOENT` when it is gone
 */
export async function copyObject(
  context: CopyContext,
  from: ObjectVersion | StoredObject,
  toKey: string,
  target?: NewObject,
  signal?: AbortSignal,
  sizes: CopySizes = SIZES,
): Promise<string> {
  try {
    const etag =
      from.size <= sizes.whole
        ? await context.store.copy(from, toKey, target, signal)
        : await multipartCopy(context, from, toKey, { target, signal, sizes });
    context.tree.names.take(toKey);
    return etag;
  } catch (error) {
    throw isPreconditionFailed(error) ? changedMeanwhile(error) : error;
  }
}

/** What is told when a file was changed by somebody else in the middle of work on it. */
export function changedMeanwhile(cause?: unknown): SftpError {
  return new SftpError('EIO', 'The file has been changed meanwhile', { cause });
}
