import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import { streamingOnly } from '../../filesystem/open-files/spec-support/levels.js';
import {
  type BackendContractOptions,
  CAPABILITIES,
  type ContractReport,
  describeBackendContract,
  formatContractReport,
} from '../index.js';

import { altered } from './spec-support/altered.js';
import { CollectingRunner } from './spec-support/collecting-runner.js';

/** What a run reports in which only some groups are run; the last test is in none. */
async function reportOf(
  contract: Omit<BackendContractOptions, 'name' | 'report'>,
  ...groups: string[]
): Promise<ContractReport> {
  const reports: ContractReport[] = [];
  const runner = new CollectingRunner();
  const name = 'the backend contract, on a backend';
  describeBackendContract(
    { name: 'a backend', ...contract, report: (report) => reports.push(report) },
    runner,
  );
  await runner.run(new Set([name, ...groups]));
  const [report] = reports;
  if (report === undefined) throw new Error('Nothing was reported');
  return report;
}

const streaming = {
  create: () => ({ backend: streamingOnly(new MemoryBackend()) }),
  content: ['readFileRange', 'beginWrite'],
  without: CAPABILITIES,
} as const;

describe('the report of a contract run', () => {
  it('tells what was proved, what failed and why, and what has not run', async () => {
    const sound = new MemoryBackend();
    const backend = altered(sound, {
      delDir: () => {
        throw new Error('out of order\nand more of it');
      },
    });
    const { groups } = await reportOf({ create: () => ({ backend }) }, 'delDir');
    const named = new Map(groups.map((group) => [group.name, group.tests]));
    expect(named.get('delDir')).toContainEqual({
      name: 'removes an empty directory',
      outcome: 'failed',
      why: 'out of order',
    });
    expect(named.get('declarations')?.map(({ outcome }) => outcome)).toEqual(['proved', 'proved']);
    expect(new Set(named.get('listDir')?.map(({ outcome }) => outcome))).toEqual(
      new Set(['not run']),
    );
  });

  it('names each test that is left out, with the reason', async () => {
    const { groups } = await reportOf(streaming);
    const leftOut = groups.flatMap(({ name, tests }) =>
      tests
        .filter(({ outcome }) => outcome === 'left out')
        .map((test) => `${name}: ${test.name} (${test.why ?? ''})`),
    );
    expect(leftOut).toEqual(
      expect.arrayContaining([
        'open files: what one handle writes another one reads (uploads appear on close)',
        'open files: a file deleted while it is open stays readable (an open file is bound to its name)',
        'writing: of overlapping writes the last one stays (a streamed upload takes bytes once)',
        'readFile: gives the whole content (without readFile)',
        'copy, links: of a link copies the file that it names (without copy, symlink)',
      ]),
    );
  });

  it('takes the word of a backend whose openFile streams that nothing is rewritten', async () => {
    const create = () => ({ backend: new MemoryBackend() });
    const { groups } = await reportOf({ create, rewrites: false });
    const leftOut = groups
      .flatMap(({ tests }) => tests)
      .filter(({ why }) => why === 'a streamed upload takes bytes once');
    expect(leftOut.map(({ name }) => name)).toEqual([
      'of overlapping writes the last one stays',
      'many small random writes make what a buffer would be',
    ]);
  });

  it('leaves out nothing of a backend that can do all', async () => {
    const { groups } = await reportOf({ create: () => ({ backend: new MemoryBackend() }) });
    const leftOut = groups.filter(({ tests }) =>
      tests.some(({ outcome }) => outcome === 'left out'),
    );
    expect(leftOut.map(({ name }) => name)).toEqual([
      'readFileRange',
      'beginWrite',
      'beginWrite, abort',
      'beginWrite, exclusive',
      'beginWrite, several writers',
      'beginWrite, mode',
      'readFile',
      'writeFile',
      'writeFile, mode',
    ]);
  });

  it('leaves out all that changes something of a read-only backend', async () => {
    const { groups } = await reportOf({ ...streaming, readOnly: { files: { '/f': 'x' } } });
    const reasons = groups
      .filter(({ name }) => !name.startsWith('read-only') && name !== 'declarations')
      .flatMap(({ tests }) => tests.map(({ why }) => why));
    expect(reasons.length).toBeGreaterThan(200);
    expect(new Set(reasons)).toEqual(new Set(['read-only']));
  });

  it('is one text for people', () => {
    const text = formatContractReport({
      backend: 'Inbox',
      groups: [
        {
          name: 'listDir',
          tests: [
            { name: 'a', outcome: 'proved' },
            { name: 'b', outcome: 'failed', why: 'expected ENOENT, but nothing was thrown' },
            { name: 'c', outcome: 'not run' },
          ],
        },
        {
          name: 'open files',
          tests: [
            { name: 'd', outcome: 'left out', why: 'uploads appear on close' },
            { name: 'e', outcome: 'proved' },
          ],
        },
        {
          name: 'copy',
          tests: [
            { name: 'f', outcome: 'left out', why: 'without copy' },
            { name: 'g', outcome: 'left out', why: 'without copy' },
          ],
        },
        { name: 'statVfs', tests: [{ name: 'h', outcome: 'proved' }] },
        { name: 'copy, links', tests: [{ name: 'i', outcome: 'left out', why: 'without copy' }] },
      ],
    });
    expect(text.split('\n')).toEqual([
      'The backend contract, on Inbox: 3 proved, 1 failed, 1 not run, 4 left out',
      '  listDir: 1 proved, 1 failed, 1 not run',
      '    failed: b (expected ENOENT, but nothing was thrown)',
      '    not run: c',
      '  open files: 1 proved, 1 left out',
      '    left out: d (uploads appear on close)',
      '  statVfs: 1 proved',
      '  without copy: 3 left out, of copy; copy, links',
    ]);
  });
});

describe('what is declared of a read-only backend', () => {
  const define = (files: Record<string, string>) => () => {
    describeBackendContract(
      { name: 'a backend', ...streaming, readOnly: { files } },
      new CollectingRunner(),
    );
  };

  it('has a file with content', () => {
    expect(define({})).toThrow(/at least one file/);
    expect(define({ '/empty': '' })).toThrow(/at least one file/);
  });

  it('has no file that is a directory too', () => {
    expect(define({ '/d': 'x', '/d/f': 'y' })).toThrow(/\/d is a directory/);
    expect(define({ '/': 'x' })).toThrow(/\/ is a directory/);
  });
});

describe('declarations that are not exact', () => {
  const cases: [string, Partial<BackendContractOptions>, string][] = [
    ['a capability is there that is said to be missing', { without: ['copy'] }, 'without'],
    ['a way to content is missing', { content: ['openFile', 'readFile'] }, 'content'],
    ['a way to content is there that is not named', { content: [] }, 'content'],
  ];

  it.each(cases)('fail: %s', async (_what, declared, named) => {
    const create = (): { backend: MemoryBackend } => ({ backend: new MemoryBackend() });
    const { groups } = await reportOf({ create, ...declared });
    const failed = groups.flatMap(({ tests }) => tests.filter((test) => test.outcome === 'failed'));
    expect(failed).toHaveLength(1);
    expect(failed[0]?.name).toContain(`\`${named}\``);
  });
});
