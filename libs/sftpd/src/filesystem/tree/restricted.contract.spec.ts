import { afterEach, beforeEach, describe, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { describeBackendContract } from '../../testing/index.js';
import { normalizePath, ROOT_PATH } from '../path.js';
import { mountTree } from './mount-tree.js';
import { PERMISSIONS } from './permissions.js';
import { restricted } from './restricted.js';

const work = normalizePath('/work');

// Where everything is allowed, a restricted tree keeps the contract; the root of one with several rules cannot be
// renamed or removed for another reason than the contract gives, so it is mounted below its root.
describeBackendContract(
  {
    name: 'the directory of a restricted tree in which everything is allowed',
    without: ['symlink', 'readLink', 'hardLink'],
    create: () => {
      const backend = new MemoryBackend();
      backend.makeDir(work, {});
      const tree = restricted(backend, { '/work': PERMISSIONS, '/work/elsewhere': ['list'] });
      return { backend: mountTree([{ path: ROOT_PATH, backend: tree, root: work }]) };
    },
  },
  { describe, it, beforeEach, afterEach },
);
