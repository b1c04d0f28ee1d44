import { ObjectReader } from './object-reader.js';
import type { S3Context } from '../s3-context.js';
import type { ObjectVersion } from '../store/stored-object.js';

/** A reader of an object, as the settings of its backend want it; to be closed by who has it. */
export function readerOf(
  { store, settings, downloadMemory, rangeBuffers }: S3Context,
  object: ObjectVersion,
): ObjectReader {
  const limits = {
    rangeSize: settings.downloadRangeSize,
    concurrency: settings.downloadConcurrency,
    stallTimeout: settings.socketTimeout,
    requestTimeout: settings.requestTimeout,
  };
  return new ObjectReader(store, object, limits, downloadMemory, rangeBuffers);
}
