import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { describeBackendContract } from '../../testing/index.js';
import { MemoryBackend } from './index.js';

describeBackendContract(
  { name: 'MemoryBackend', create: () => ({ backend: new MemoryBackend() }) },
  { describe, it, beforeEach, afterEach },
);

describeBackendContract(
  {
    name: 'MemoryBackend with a limit and named owners',
    create: () => ({
      backend: new MemoryBackend({
        maxBytes: 64 * 1024 * 1024,
        uid: 1000,
        gid: 1001,
        owner: 'alice',
        group: 'staff',
      }),
    }),
  },
  { describe, it, beforeEach, afterEach },
);
