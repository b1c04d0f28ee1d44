import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { freePort } from '../support/free-port.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { pack } from './support/pack.js';
import { pageOf } from './support/pages.js';
import { Walkthrough } from './support/walkthrough.js';

jest.setTimeout(240_000);

const PAGE = 'docs/guides/getting-started.md';
const [bash, npm, sftp, sshpass, sshKeygen] = [
  findProgram('bash'),
  findProgram('npm'),
  findProgram('sftp'),
  findProgram('sshpass'),
  findProgram('ssh-keygen'),
] as const;

whereUsable('Getting started', [bash, npm, sftp, sshpass, sshKeygen], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)(PAGE, () => {
    let directory: TempDir;

    beforeEach(async () => {
      directory = await makeTempDir();
    });

    afterEach(async () => {
      await killChildren();
      await directory.remove();
    });

    it('does what it says, from an empty directory to keys, with the packed package', async () => {
      const walk = new Walkthrough({
        directory: directory.path,
        tarball: await pack(programOf(npm), directory.path),
        port: await freePort(),
        npm: programOf(npm),
        sftp: programOf(sftp),
        sshpass: programOf(sshpass),
        password: 'dev',
        // As a new user would, with whatever versions there are today; by default nothing here needs the network.
        fromRegistry: process.env['GETTING_STARTED_FROM_REGISTRY'] === '1',
      });
      const blocks = fencedBlocks(await pageOf(PAGE));
      await walk.walk(blocks);
      await walk.end();
      // A block of each kind has been there: the page was not walked through in vain.
      expect(new Set(blocks.map(({ language }) => language))).toEqual(
        new Set(['sh', 'ts', 'text']),
      );
      expect(await readFile(path.join(walk.cwd, 'files', 'hello.txt'), 'utf8')).toBe('hello\n');
    });
  });
});
