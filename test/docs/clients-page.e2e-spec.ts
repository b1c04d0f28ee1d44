import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { run, type RunResult } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { ROOT } from './support/markdown-tables.js';

jest.setTimeout(60_000);

const SCRIPT = path.join(ROOT, 'test', 'clients', 'matrix', 'page.mjs');
const CURL = 'test/clients/curl.e2e-spec.ts';
const EMPTY =
  '# Clients\n\n<!-- made by `npm run docs:clients` -->\n\n<!-- end of what is made -->\n';

interface Test {
  readonly group: string;
  readonly title: string;
  readonly passed: boolean;
}

const shown = (title: string, passed = true, server = 'memory'): Test => ({
  group: `curl over ${server}`,
  title,
  passed,
});

describe('the page of clients', () => {
  let directory: TempDir;
  let page: string;
  let results: string;

  beforeEach(async () => {
    directory = await makeTempDir();
    page = path.join(directory.path, 'clients.md');
    results = path.join(directory.path, 'clients.json');
    await writeFile(page, EMPTY);
  });

  afterEach(() => directory.remove());

  const script = (args: readonly string[], env: Record<string, string> = {}): Promise<RunResult> =>
    run(process.execPath, [SCRIPT, '--page', page, '--results', results, ...args], {
      home: directory.path,
      cwd: ROOT,
      env,
    });

  const ran = (...tests: readonly Test[]): Promise<void> =>
    writeFile(results, JSON.stringify({ files: { [CURL]: tests }, versions: { curl: '8.14.1' } }));

  it('is made from what has passed, and agrees with it', async () => {
    await ran(
      shown('downloads a range'),
      shown('downloads a range', true, 'folder'),
      shown('resumes `-C -` | all'),
      shown('appends to a file', false),
    );
    expect(await script([])).toMatchObject({ code: 0, stderr: '' });
    const made = await readFile(page, 'utf8');
    expect(made).toMatch(/^\| \[curl\]\(#curl\) +\| 8\.14\.1 +\| 2 +\| 1 +\| - +\|/m);
    expect(made).toMatch(/^\| downloads a range +\| yes +\| yes +\| - +\| - +\| - +\|$/m);
    expect(made).not.toContain('appends to a file');
    expect(await script(['--check'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('is wrong when it says what the last run has not shown', async () => {
    await ran(shown('downloads a range'), shown('appends to a file'));
    await script([]);
    await ran(shown('downloads a range', false));
    const { code, stderr } = await script(['--check']);
    expect(code).toBe(1);
    expect(stderr).toContain('curl over memory: downloads a range.');
    expect(stderr).toContain('curl over memory: appends to a file.');
  });

  it('is not judged by who tested another client, unless all clients must be there', async () => {
    await ran(shown('downloads a range'));
    await script([]);
    await ran(shown('downloads a range', true, 'folder'));
    expect(await script(['--check'])).toMatchObject({ code: 0 });
    expect(await script(['--check'], { REQUIRE_CLIENTS: '1' })).toMatchObject({ code: 1 });
  });

  it('is not judged where no client was tested', async () => {
    expect(await script(['--check'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('has versions that differ from one machine to the other', async () => {
    await ran(shown('downloads a range'));
    await script([]);
    await writeFile(results, (await readFile(results, 'utf8')).replace('8.14.1', '9.0.0'));
    expect(await script(['--check'])).toMatchObject({ code: 0, stderr: '' });
  });
});
