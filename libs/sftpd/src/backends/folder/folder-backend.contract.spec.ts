import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { describeBackendContract, type ContractRunner } from '../../testing/index.js';

import { existsSync } from 'node:fs';

import { makeScratch, MEMORY_DIRECTORY, withoutDescriptors } from './spec-support/scratch.js';

const runner = { describe, it, beforeEach, afterEach };

describeBackendContract(
  {
    name: 'FolderBackend, every call on another thread',
    create: () => makeScratch({ synchronousCalls: 'never' }),
  },
  runner,
);

if (existsSync(MEMORY_DIRECTORY)) {
  describeBackendContract(
    {
      name: 'FolderBackend in memory, short calls at once',
      create: () => makeScratch({}, MEMORY_DIRECTORY),
    },
    runner,
  );
}

/** A runner for a backend that is meant to differ: the tests named must fail, so that a list stays exact. */
function runnerWhere(what: string, differs: ReadonlySet<string>): ContractRunner {
  return {
    ...runner,
    it: (name, run, timeoutMs) => {
      if (!differs.has(name)) {
        it(name, run, timeoutMs);
        return;
      }
      it(
        `${what}, so it is not true that: ${name}`,
        async () => {
          await expect(run()).rejects.toThrow();
        },
        timeoutMs,
      );
    },
  };
}

describeBackendContract(
  {
    name: 'FolderBackend by paths, without /proc/self/fd',
    create: () => withoutDescriptors(() => makeScratch()),
  },
  runnerWhere(
    'link(2) may follow a link there',
    new Set(['is another name of the link itself, as on Linux']),
  ),
);

describeBackendContract(
  {
    name: 'FolderBackend with atomic uploads',
    create: () => makeScratch({ atomicUploads: true }),
    uploads: 'on close',
  },
  runner,
);
