import { symlink } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { findPostgres, PostgresCluster } from '../apps/support/postgres-cluster.js';
import { tryLogIn } from '../server/support/log-in.js';
import { killChildren, ROOT } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { GuideProject, portOf } from './support/guide-project.js';
import { PastedShell } from './support/pasted-shell.js';
import { shellBlocksOf } from './support/shell-blocks.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/in-an-application.md';
const PASSWORD = 'a secret';

/** An application with the page's users in the database. */
const APPLICATION = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SftpModule } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { TypeOrmUsersModule } from './typeorm-users.module.js';
import { UsersAuthenticator } from './users.authenticator.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', database: 'app', autoLoadEntities: true }),
    SftpModule.forRootAsync({
      imports: [TypeOrmUsersModule],
      auth: { useExisting: UsersAuthenticator },
      useFactory: () => ({
        port: 0,
        hostKeys: { directory: './host-keys', create: true },
        backend: new MemoryBackend(),
      }),
    }),
  ],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { abortOnError: false });
app.enableShutdownHooks();
`;

const [bash, createdb, npx, psql, postgres] = [
  findProgram('bash'),
  findProgram('createdb'),
  findProgram('npx'),
  findProgram('psql'),
  findPostgres(),
] as const;

whereUsable('users in PostgreSQL', [bash, createdb, npx, psql, postgres], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)(PAGE, () => {
    let home: TempDir;
    let cluster: PostgresCluster;
    let project: GuideProject;

    beforeAll(async () => {
      home = await makeTempDir();
      cluster = await PostgresCluster.create(programOf(postgres));
      project = await GuideProject.build(PAGE, [{ file: 'with-database.ts', code: APPLICATION }]);
    });

    afterAll(async () => {
      await killChildren();
      await project.remove();
      await cluster.remove();
      await home.remove();
    });

    it('has users in a table, who are let in, locked and let in again as it says', async () => {
      const url = new URL(cluster.url('app'));
      const env = { PGHOST: url.searchParams.get('host') ?? '', PGUSER: url.username };
      await symlink(path.join(ROOT, 'node_modules'), path.join(home.path, 'node_modules'));
      const [, , makeUser = ''] = await shellBlocksOf(PAGE, 3);
      const shell = new PastedShell(programOf(bash), home.path, env);
      expect(await shell.run(makeUser, {}, `${PASSWORD}\n`)).toMatchObject({ code: 0 });

      const app = project.start('with-database.js', env);
      const port = await portOf(app);
      const logIn = (username: string, password: string): Promise<string> =>
        tryLogIn({ port, username, password });
      expect(await logIn('anna', PASSWORD)).toBe('logged in');
      expect(await logIn('anna', 'another')).not.toBe('logged in');
      expect(await logIn('nobody', PASSWORD)).not.toBe('logged in');
      await cluster.query('app', 'UPDATE sftp_users SET locked = true');
      expect(await logIn('anna', PASSWORD)).not.toBe('logged in');
      await cluster.query('app', 'UPDATE sftp_users SET locked = false');
      expect(await logIn('anna', PASSWORD)).toBe('logged in');

      app.kill('SIGTERM');
      const { code, signal } = await app.ended;
      expect(signal ?? code).toBe('SIGTERM');
    });
  });
});
