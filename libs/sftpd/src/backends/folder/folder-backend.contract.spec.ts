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
  },
  runnerWhere(
    'an upload is seen at CLOSE only',
    new Set([
      'WRITE|CREAT makes a missing file, which is there before it is closed',
      'WRITE|TRUNC empties an existing file at once',
      'what one handle writes another one reads',
      'two writers of different parts both stay',
      'two appending handles never overwrite each other',
      'TRUNC by one handle empties the file for the other',
      'a file deleted while it is open stays writable and does not come back',
      'a file renamed while it is written keeps its writer',
      'a directory that holds only a deleted, open file can be removed',
      'a handle that is open does not make EXCL succeed',
      'a write into a file does not mark its directory',
    ]),
  ),
);
