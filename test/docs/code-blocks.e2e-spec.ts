import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { ROOT } from '../smoke/child.js';
import { compile, makeProject } from '../smoke/support/code-blocks.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { type FencedBlock, fencedBlocks } from './support/fenced-blocks.js';
import { problemsOf } from './support/languages.js';
import { allPages } from './support/pages.js';
import { RUN_BY } from './support/runs.js';
import { notRun, programsOf, sourcesOf } from './support/type-script.js';

jest.setTimeout(240_000);

let blocks: readonly FencedBlock[];

beforeAll(async () => {
  blocks = (await allPages()).flatMap(fencedBlocks);
});

describe('every code block of the documentation', () => {
  it('is there: the pages are found', () => {
    const pages = new Set(blocks.map(({ page }) => page));
    for (const page of Object.keys(RUN_BY)) expect(pages).toContain(page);
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
