import { totalmem } from 'node:os';

import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';

import { FolderBackend } from '../backends/folder/index.js';
import { MemoryBackend } from '../backends/memory/index.js';
import type { Log } from '../events/log.js';
import type { RandomAccessBackend } from '../filesystem/backend.js';
import { UsageError } from './errors.js';
import { inWordsOfTheCommandLine } from './start-problem.js';
import type { Storage } from './storage.js';

/** A backend with its life cycle, which Nest calls, or whoever uses it without Nest. */
export type StartableBackend = RandomAccessBackend & Partial<OnModuleInit & OnApplicationShutdown>;

/** Clients must not be able to take all the memory of the machine. */
const SHARE_OF_MEMORY = 0.5;

/**
 * The backend of a storage; nothing is opened yet. Nothing of S3 is loaded for another one.
 *
 * @throws UsageError for an option that the S3 backend cannot use
 */
export async function makeBackend(storage: Storage, log: Log): Promise<StartableBackend> {
  switch (storage.kind) {
    case 'folder': {
      const { root, atomicUploads } = storage;
      return new FolderBackend({ root, atomicUploads, log });
    }
    case 'memory':
      return new MemoryBackend({ maxBytes: Math.floor(totalmem() * SHARE_OF_MEMORY) });
    case 's3': {
      const { S3Backend, S3OptionsError } = await import('../backends/s3/index.js');
      const { kind: _kind, ...options } = storage;
      try {
        return new S3Backend({ ...options, log });
      } catch (error) {
        if (!(error instanceof S3OptionsError)) throw error;
        throw new UsageError(inWordsOfTheCommandLine(error), { cause: error });
      }
    }
  }
}
