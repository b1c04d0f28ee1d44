import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import { describeBackendContract, type BackendContractOptions } from '../index.js';

import { CollectingRunner, failed } from './spec-support/collecting-runner.js';
import { OPEN_FILE_FAULTS } from './spec-support/open-file-faults.js';
import { TREE_FAULTS } from './spec-support/tree-faults.js';

async function failuresOf(contract: Omit<BackendContractOptions, 'name'>): Promise<string[]> {
  const runner = new CollectingRunner();
  describeBackendContract({ name: 'a backend', ...contract }, runner);
  const tests = await runner.run();
  expect(tests.length).toBeGreaterThan(20);
  return failed(tests);
}

const FAULTS = [...TREE_FAULTS, ...OPEN_FILE_FAULTS];

describe('a backend without a fault', () => {
  it.each<[string, Omit<BackendContractOptions, 'name'>]>([
    ['at random', { create: () => ({ backend: new MemoryBackend() }) }],
  ])('%s: passes all tests', async (_how, contract) => {
    expect(await failuresOf(contract)).toEqual([]);
  });
});

describe('the contract suite reports', () => {
  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    const failures = await failuresOf(fault.contract);
    expect(failures).toEqual(expect.arrayContaining([...fault.reportedBy]));
  });

  it('each fault by its own name', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    for (const { reportedBy } of FAULTS) expect(reportedBy.length).toBeGreaterThan(0);
  });
});
