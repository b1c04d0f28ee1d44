import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { findPostgres, PostgresCluster } from '../apps/support/postgres-cluster.js';
import { killChildren, ROOT } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { freePort } from '../support/free-port.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { PastedShell } from './support/pasted-shell.js';
import { writeSftp } from './support/programs.js';
import { commandsIn, shellBlocksOf } from './support/shell-blocks.js';

jest.setTimeout(120_000);

const PAGE = 'apps/documents/README.md';

const [bash, sftp, sshpass, curl, createdb, postgres] = [
  findProgram('bash'),
  findProgram('sftp'),
  findProgram('sshpass'),
  findProgram('curl'),
  findProgram('createdb'),
  findPostgres(),
] as const;

const needs = [bash, sftp, sshpass, curl, createdb, postgres];
whereUsable('the commands of the documents application', needs, (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)(PAGE, () => {
    let checkout: TempDir;
    let cluster: PostgresCluster;

    beforeAll(async () => {
      checkout = await makeTempDir();
      await symlink(path.join(ROOT, 'dist'), path.join(checkout.path, 'dist'));
      cluster = await PostgresCluster.create(programOf(postgres));
    });

    afterAll(async () => {
      await killChildren();
      await cluster.remove();
      await checkout.remove();
    });

    it('has commands that make a database, start the application, and reach its files by both doors', async () => {
      const [start = '', use = ''] = await shellBlocksOf(PAGE, 2);
      const [createDatabase = '', build, serve = ''] = commandsIn(start);
      expect(build).toBe('npm run build');
      const ports = { SFTP_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) };
      const url = new URL(cluster.url('documents'));
      const PGHOST = url.searchParams.get('host') ?? '';
      const shell = new PastedShell(programOf(bash), checkout.path, {
        ...ports,
        PGHOST,
        PGUSER: url.username,
      });
      await writeSftp(shell.programs, {
        sftp: programOf(sftp),
        sshpass: programOf(sshpass),
        password: 'dev',
      });

      expect(await shell.run(createDatabase)).toMatchObject({ code: 0 });
      const app = shell.serve(serve, { 'postgresql://localhost/documents': String(url) });
      await app.output(/^SFTP server listening on /m);
      await app.output(/^HTTP server listening on /m);

      const file = (name: string): string => path.join(checkout.path, name);
      await writeFile(file('a.pdf'), 'first');
      await writeFile(file('b.pdf'), 'second');
      const [upload = '', list = '', download = '', post = ''] = commandsIn(use);
      const here = { 3000: ports.HTTP_PORT };
      const typed = 'mkdir inbox\nput a.pdf inbox/a.pdf\n';
      expect(await shell.run(upload, { 2222: ports.SFTP_PORT }, typed)).toMatchObject({ code: 0 });
      await writeFile(file('a.pdf'), '');
      expect((await shell.run(post, here)).code).toBe(0);
      const { stdout } = await shell.run(list, here);
      expect(stdout).toContain('/inbox/a.pdf');
      expect(stdout).toContain('/inbox/b.pdf');
      expect((await shell.run(download, here)).code).toBe(0);
      expect(await readFile(file('a.pdf'), 'utf8')).toBe('first');
    });
  });
});
