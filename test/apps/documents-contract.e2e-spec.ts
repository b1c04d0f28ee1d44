import { afterAll, afterEach, beforeAll, beforeEach, describe, it, jest } from '@jest/globals';
import { describeBackendContract } from 'nestjs-sftpd/testing';
import { programOf, whereUsable } from '../support/client-tools.js';
import { Documents } from './support/documents.js';
import { findPostgres, PostgresCluster } from './support/postgres-cluster.js';

jest.setTimeout(60_000);

const postgres = findPostgres();

whereUsable('PostgreSQL', [postgres], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('over PostgreSQL', () => {
    let cluster: PostgresCluster;
    let documents: Documents;

    beforeAll(async () => {
      cluster = await PostgresCluster.create(programOf(postgres));
      documents = await Documents.start(await cluster.createDatabase('contract'));
    });

    afterAll(async () => {
      await documents.close();
      await cluster.remove();
    });

    describeBackendContract(
      {
        name: 'DocumentsBackend',
        create: () => ({ backend: documents.backend, dispose: () => documents.clear() }),
        content: ['readFileRange', 'beginWrite'],
        without: [
          'linkInfo',
          'setLinkAttributes',
          'symlink',
          'readLink',
          'hardLink',
          'statVfs',
          'copy',
          'ownerNames',
          'supportsSync',
        ],
        // The suite writes into what it has written, as no client that uploads in order does.
        strategies: { rewrites: 'spool' },
      },
      { describe, it, beforeEach, afterEach },
    );
  });
});
