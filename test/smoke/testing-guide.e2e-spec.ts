import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Child, type Ended, killChildren, ROOT } from './child.js';
import { commandsIn, shellBlocksOf } from '../docs/support/shell-blocks.js';
import { blocksOf, compile, makeProject } from './support/code-blocks.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/testing.md';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'testing-guide-'));
  await makeProject(directory, await blocksOf(PAGE));
  const { code, stdout, stderr } = await compile(directory);
  expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
});

afterEach(() => killChildren());

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

function program(name: string): string {
  return path.join(directory, 'dist', name);
}

/** Runs compiled blocks by Node's own test runner. */
function nodeTest(...names: string[]): Promise<Ended> {
  const files = names.map(program);
  return new Child(['--test', '--test-reporter=tap', ...files], { cwd: directory }).ended;
}

/** A count of the summary that Node's test runner ends with. */
function count(what: 'pass' | 'fail', { stdout }: Ended): number {
  return Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1]);
}

describe(PAGE, () => {
  it('has a name for every block, and none twice', async () => {
    const names = (await blocksOf(PAGE)).map(({ file }) => file);
    expect(names.filter((name) => name.startsWith('block-'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a contract test that Jest runs', async () => {
    const config = { rootDir: directory, testMatch: ['**/dist/*.jest.js'], transform: {} };
    const [block = ''] = await shellBlocksOf(PAGE, 1);
    const runJest = commandsIn(block).at(-1) ?? '';
    const [program, ...words] = runJest.split(' ');
    expect(program).toBe('node');
    const { code, stderr } = await new Child([...words, `--config=${JSON.stringify(config)}`], {
      cwd: directory,
    }).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(Number(/Tests: +(\d+) passed, \1 total/.exec(stderr)?.[1])).toBeGreaterThan(250);
  });

  it('has a read-only contract test that node:test runs, whose report is as shown', async () => {
    const ended = await nodeTest('notes.test.js');
    expect({ code: ended.code, fail: count('fail', ended) }).toEqual({ code: 0, fail: 0 });
    const page = await readFile(path.join(ROOT, PAGE), 'utf8');
    const shown = /^```text\n([\s\S]*?)^```$/m.exec(page)?.[1]?.trim().split('\n') ?? [];
    expect(shown.length).toBeGreaterThan(5);
    const printed = ended.stdout.split('\n').map((line) => line.replace(/^# /, '').trim());
    for (const line of shown) expect(printed).toContain(line.trim());
  });

  it.each([
    ['uploads.test.js', 2],
    ['application.test.js', 1],
    ['keys.test.js', 1],
  ])('has tests of an application, %s, that pass', async (name, tests) => {
    const ended = await nodeTest(name);
    if (ended.code !== 0) throw new Error(ended.stdout + ended.stderr);
    expect([count('pass', ended), count('fail', ended)]).toEqual([tests, 0]);
  });
});
