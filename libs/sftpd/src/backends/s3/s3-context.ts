import type { TemporaryFiles } from '../../filesystem/open-files/temporary-file.js';
import type { S3LibStorage } from './sdk.js';
import type { S3Settings } from './s3-settings.js';
import type { ObjectStore } from './store/object-store.js';
import type { TransferBuffers } from './transfer-buffers.js';
import type { TransferMemory } from './transfer-memory.js';
import type { ConditionalWrites } from './writing/conditional-writes.js';
import type { OpenUploads } from './writing/open-uploads.js';
import type { TreeMemory } from './tree/tree-context.js';

/** What a started backend works with. */
export interface S3Context {
  readonly store: ObjectStore;
  readonly libStorage: S3LibStorage;
  readonly settings: S3Settings;
  /** For what uploads hold in memory. */
  readonly uploadMemory: TransferMemory;
  /** For what downloads have read ahead. */
  readonly downloadMemory: TransferMemory;
  /** Buffers of parts, for uploads. */
  readonly partBuffers: TransferBuffers;
  /** Buffers of ranges, for downloads. */
  readonly rangeBuffers: TransferBuffers;
  readonly temporaryFiles: TemporaryFiles;
  /** The multipart uploads that this process has begun and not ended. */
  readonly openUploads: OpenUploads;
  /** What the store makes of conditions. */
  readonly conditionalWrites: ConditionalWrites;
  /** What is remembered of directories and attributes. */
  readonly tree: TreeMemory;
}
