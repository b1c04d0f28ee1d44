import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectSftpBackend, normalizePath, SftpBackend, SftpServer } from 'nestjs-sftpd';
import { AppModule } from '../../apps/documents/src/app.module.js';
import { readEnvironment } from '../../apps/documents/src/config/environment.js';
import { DocumentsBackend } from '../../apps/documents/src/documents/documents.backend.js';
import { DocumentsModule } from '../../apps/documents/src/documents/documents.module.js';
import { logIn } from '../server/support/log-in.js';
import { programOf, whereUsable } from '../support/client-tools.js';
import { close, open, write } from '../support/raw-requests.js';
import { FXF } from '../support/raw-wire.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { SESSION } from './support/documents.js';
import { findPostgres, PostgresCluster } from './support/postgres-cluster.js';

jest.setTimeout(60_000);

const postgres = findPostgres();

/** A part of the application that works on the same documents, by the class and by the server's token. */
@Injectable()
class Archivist {
  constructor(
    @Inject(DocumentsBackend) readonly byClass: DocumentsBackend,
    @InjectSftpBackend() readonly byToken: SftpBackend,
  ) {}
}

@Module({ imports: [DocumentsModule], providers: [Archivist] })
class ArchiveModule {}

whereUsable('PostgreSQL', [postgres], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the documents, injected', () => {
    let cluster: PostgresCluster;
    let directory: TempDir;

    beforeAll(async () => {
      directory = await makeTempDir();
      cluster = await PostgresCluster.create(programOf(postgres));
    });

    afterAll(async () => {
      await cluster.remove();
      await directory.remove();
    });

    it('are one instance and one state for all, and end after the transfers that use them', async () => {
      const config = readEnvironment({
        DATABASE_URL: await cluster.createDatabase('injected'),
        SFTP_PORT: '0',
        SFTP_HOST_KEY_DIR: join(directory.path, 'keys'),
      });
      const app = await NestFactory.create(
        { module: class Application {}, imports: [AppModule.forConfig(config), ArchiveModule] },
        { logger: false, abortOnError: false },
      );
      await app.init();
      const archivist = app.get(Archivist, { strict: false });
      expect(archivist.byToken).toBe(archivist.byClass);
      expect(archivist.byClass).toBe(app.get(DocumentsBackend, { strict: false }));

      const address = app.get(SftpServer, { strict: false }).address();
      const channel = await (await logIn({ port: Number(address?.port) })).channel();
      await channel.init();
      const handle = await channel.handle(open('/f', FXF.WRITE | FXF.CREAT));
      await channel.ok(write(handle, 0, 'from a client'));
      const last = await channel.handle(open('/last', FXF.WRITE | FXF.CREAT));
      const ended = app.close();
      await channel.ok(close(handle));
      // One transfer still runs, so the pool is open for it and for everyone else.
      const path = normalizePath('/f');
      expect(await archivist.byClass.readFileRange(path, 5, 100)).toEqual(Buffer.from('a client'));
      expect(await archivist.byToken.fileInfo(path, SESSION)).toMatchObject({ size: 13 });
      await channel.ok(close(last));
      await ended;
      expect(await cluster.connections('injected', 'documents')).toEqual([]);
    });
  });
});
