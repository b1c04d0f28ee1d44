import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { writeNpm } from './support/offline-npm.js';
import { pack } from './support/pack.js';
import { allPages, pageOf } from './support/pages.js';
import { PastedShell } from './support/pasted-shell.js';
import { commandsIn, shellBlocksOf } from './support/shell-blocks.js';
import { sourcesOf } from './support/type-script.js';

jest.setTimeout(120_000);

const BEGINNING = 'docs/guides/getting-started.md';
const [bash, npm] = [findProgram('bash'), findProgram('npm')] as const;

/** Pages with `npm install` in a block of its own, and how many shell blocks they have. */
const PAGES: readonly (readonly [page: string, blocks: number])[] = [
  ['README.md', 4],
  ['libs/sftpd/README.md', 2],
  ['docs/guides/custom-backends.md', 1],
  ['docs/guides/in-an-application.md', 3],
  ['docs/guides/remote-backends.md', 1],
  ['docs/guides/s3.md', 2],
  ['docs/guides/telemetry.md', 2],
  ['docs/guides/testing.md', 1],
  ['docs/reference/s3-backend.md', 1],
];

whereUsable('npm install of pages', [bash, npm], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('what pages say how to install', () => {
    let directory: TempDir;
    let project: string;
    let tarball: string;

    // The project of "Getting started", with nothing in it yet.
    beforeAll(async () => {
      directory = await makeTempDir();
      tarball = await pack(programOf(npm), directory.path);
      const shell = await shellIn(directory.path);
      const [begin = '', configure = ''] = await shellBlocksOf(BEGINNING, 13);
      expect(begin).toContain('cd my-sftp');
      expect(await shell.run(`${begin}\n${configure}`)).toMatchObject({ code: 0 });
      project = path.join(directory.path, 'my-sftp');
    });

    afterAll(() => directory.remove());

    async function shellIn(home: string): Promise<PastedShell> {
      const shell = new PastedShell(programOf(bash), home);
      await writeNpm(shell.programs, { npm: programOf(npm), tarball });
      return shell;
    }

    it('are all pages that say so', async () => {
      const pages = (await allPages()).filter((page) =>
        fencedBlocks(page).some(({ code }) => code.startsWith('npm install')),
      );
      expect(pages.map(({ name }) => name).sort()).toEqual(PAGES.map(([page]) => page).sort());
    });

    it.each(PAGES)('is enough for the code of %s', async (page, count) => {
      const home = path.join(directory.path, page.replaceAll('/', '-'));
      await cp(project, home, { recursive: true, verbatimSymlinks: true });
      const shell = await shellIn(home);
      const installs = (await shellBlocksOf(page, count))
        .flatMap(commandsIn)
        .filter((command) => command.startsWith('npm install'));
      expect(await shell.run(installs.join('\n'))).toMatchObject({ code: 0 });
      const { files } = sourcesOf(fencedBlocks(await pageOf(page)));
      for (const { file, code } of files) {
        const target = path.join(home, 'src', file);
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, code);
      }
      const { code, stdout } = await shell.run('npx tsc');
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    });
  });
});
