import { describe, expect, it, jest } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import { streamingOnly, wholeFileOnly } from '../../filesystem/open-files/spec-support/levels.js';
import {
  type BackendContractOptions,
  CAPABILITIES,
  describeBackendContract,
  SAMPLE_FILES,
} from '../index.js';

import { CollectingRunner, failed } from './spec-support/collecting-runner.js';
import { OPEN_FILE_FAULTS } from './spec-support/open-file-faults.js';
import { READ_ONLY_FAULTS } from './spec-support/read-only-faults.js';
import { readOnlyMemory } from './spec-support/read-only-memory.js';
import { SEQUENTIAL_FAULTS } from './spec-support/sequential-faults.js';
import { TREE_FAULTS } from './spec-support/tree-faults.js';

jest.setTimeout(60_000);

/** The tests of some groups, or of all, that fail on a backend. */
async function failuresOf(
  contract: Omit<BackendContractOptions, 'name'>,
  groups?: ReadonlySet<string>,
): Promise<string[]> {
  const runner = new CollectingRunner();
  describeBackendContract({ name: 'a backend', ...contract }, runner);
  const tests = await runner.run(groups);
  expect(tests.length).toBeGreaterThan(0);
  return failed(tests);
}

const FAULTS = [...TREE_FAULTS, ...OPEN_FILE_FAULTS, ...SEQUENTIAL_FAULTS, ...READ_ONLY_FAULTS];

describe('a backend without a fault', () => {
  it.each<[string, Omit<BackendContractOptions, 'name'>]>([
    ['at random', { create: () => ({ backend: new MemoryBackend() }) }],
    [
      'streaming',
      {
        create: () => ({ backend: streamingOnly(new MemoryBackend()) }),
        content: ['readFileRange', 'beginWrite'],
        without: CAPABILITIES,
      },
    ],
    [
      'whole files',
      {
        create: () => ({ backend: wholeFileOnly(new MemoryBackend()) }),
        content: ['readFile', 'writeFile'],
        without: CAPABILITIES,
      },
    ],
    [
      'read-only',
      {
        create: () => ({ backend: readOnlyMemory() }),
        content: ['readFileRange', 'readFile'],
        without: CAPABILITIES,
        readOnly: { files: SAMPLE_FILES },
      },
    ],
  ])('%s: passes all tests', async (_how, contract) => {
    expect(await failuresOf(contract)).toEqual([]);
  });
});

describe('the contract suite reports', () => {
  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    const groups = new Set(fault.reportedBy.map((title) => title.split(' > ')[0] ?? ''));
    const failures = await failuresOf(fault.contract, groups);
    expect(failures).toEqual(expect.arrayContaining([...fault.reportedBy]));
  });

  it('each fault by its own name', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    for (const { reportedBy } of FAULTS) expect(reportedBy.length).toBeGreaterThan(0);
  });
});
