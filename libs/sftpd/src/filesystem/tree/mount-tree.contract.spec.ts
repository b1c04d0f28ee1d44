import { afterEach, beforeEach, describe, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { describeBackendContract } from '../../testing/index.js';
import type { RandomAccessBackend } from '../backend.js';
import { normalizePath, ROOT_PATH, type SftpPath } from '../path.js';
import { mountTree } from './mount-tree.js';
import { changedEntries } from './entry-stream.js';

const runner = { describe, it, beforeEach, afterEach };
const session = {
  id: '1',
  username: 'contract',
  peer: { address: '192.0.2.1', port: 1, ident: 'contract' },
  attributes: {},
};

/** A memory backend in which a directory is there already. */
function memoryWith(...directories: readonly string[]): MemoryBackend {
  const backend = new MemoryBackend();
  for (const directory of directories) backend.makeDir(normalizePath(directory), {});
  return backend;
}

/** The contract begins with an empty root, so the mount points that every listing of it shows are left out. */
function withoutEntries(tree: RandomAccessBackend, names: readonly string[]): RandomAccessBackend {
  return {
    ...tree,
    listDir: async (path: SftpPath, caller) => {
      const entries = await tree.listDir(path, caller);
      if (path !== ROOT_PATH) return entries;
      return changedEntries(entries, { keep: (name) => !names.includes(name) });
    },
  };
}

/** A memory backend seen through its whole contract, with some of its methods left out. */
function memoryWithout(...left: readonly (keyof MemoryBackend)[]): RandomAccessBackend {
  const backend = new MemoryBackend();
  const all: RandomAccessBackend = mountTree([
    { path: ROOT_PATH, backend },
    { path: normalizePath('/side'), backend: new MemoryBackend() },
  ]);
  const kept = Object.entries(all).filter(([name]) => !(left as string[]).includes(name));
  return withoutEntries(Object.fromEntries(kept) as unknown as RandomAccessBackend, ['side']);
}

describeBackendContract(
  {
    name: 'a tree, in the mount at its root beside two others',
    session,
    create: () => ({
      backend: withoutEntries(
        mountTree([
          { path: ROOT_PATH, backend: new MemoryBackend() },
          { path: normalizePath('/.side'), backend: new MemoryBackend() },
          { path: normalizePath('/.deep/er'), backend: new MemoryBackend() },
        ]),
        ['.side', '.deep'],
      ),
    }),
  },
  runner,
);

describeBackendContract(
  {
    name: 'a tree whose root is a directory of a backend',
    without: ['symlink', 'readLink'],
    create: () => ({
      backend: mountTree([
        {
          path: ROOT_PATH,
          backend: memoryWith('/sub', '/sub/dir', '/dir', '/sub/directory'),
          root: normalizePath('/sub/dir'),
        },
      ]),
    }),
  },
  runner,
);

describeBackendContract(
  {
    name: 'a tree that copies by itself, as its backend does not',
    create: () => ({
      backend: withoutEntries(
        mountTree([
          { path: ROOT_PATH, backend: memoryWithout('copy') },
          { path: normalizePath('/.side'), backend: new MemoryBackend() },
        ]),
        ['.side'],
      ),
    }),
  },
  runner,
);
