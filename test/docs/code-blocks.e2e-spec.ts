import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { ROOT } from '../smoke/child.js';
import { compile, makeProject } from '../smoke/support/code-blocks.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { type FencedBlock, fencedBlocks } from './support/fenced-blocks.js';
import { problemsOf } from './support/languages.js';
import { allPages, type Page } from './support/pages.js';
import { packagesMissing } from './support/packages.js';
import { PASTED_BY, RUN_BY } from './support/runs.js';
import { notRun, programsOf, sourcesOf } from './support/type-script.js';

jest.setTimeout(240_000);

let pages: readonly Page[];
let blocks: readonly FencedBlock[];

beforeAll(async () => {
  pages = await allPages();
  blocks = pages.flatMap(fencedBlocks);
});

describe('every code block of the documentation', () => {
  it('is there: the pages are found', () => {
    const found = new Set(blocks.map(({ page }) => page));
    for (const page of Object.keys(RUN_BY)) expect(found).toContain(page);
  });

  it('is of a language that is checked, and reads as that language', () => {
    expect(problemsOf(blocks)).toEqual([]);
  });

  it('of a program is run by the specification of its page', async () => {
    const specs = new Map<string, string>();
    for (const [page, spec] of Object.entries(RUN_BY)) {
      specs.set(page, await readFile(path.join(ROOT, spec), 'utf8'));
    }
    // Its name as the compiler leaves it; a walk through a page runs all of them.
    const missing = programsOf(blocks).filter(({ page, file = '' }) => {
      const spec = specs.get(page) ?? '';
      const compiled = path.basename(file).replace(/\.ts$/, '.js');
      return !spec.includes(compiled) && !spec.includes('Walkthrough');
    });
    expect(missing.map(notRun)).toEqual([]);
  });

  it('of a shell is pasted by the files that are named for its page', async () => {
    const ofShell = blocks.filter(({ language }) => language === 'sh').map(({ page }) => page);
    expect(Object.keys(PASTED_BY).sort()).toEqual([...new Set(ofShell)].sort());
    for (const [page, files] of Object.entries(PASTED_BY)) {
      for (const file of files) {
        expect(await readFile(path.join(ROOT, file), 'utf8')).toContain(`'${page}'`);
      }
    }
  });

  it('imports only packages that its page, or the one before, says how to install', () => {
    expect(packagesMissing(pages)).toEqual([]);
  });

  describe('of TypeScript', () => {
    let directory: TempDir;

    beforeAll(async () => {
      directory = await makeTempDir();
    });

    afterAll(() => directory.remove());

    it('compiles, with all others of its page, against the built package', async () => {
      const { files, problems } = sourcesOf(blocks);
      expect(problems).toEqual([]);
      await makeProject(directory.path, files);
      const { code, stdout, stderr } = await compile(directory.path);
      expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: '' });
    });
  });
});
