import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, jest } from '@jest/globals';
import { S3Backend, type S3BackendOptions } from 'nestjs-sftpd/s3';
import { type CreatedBackend, describeBackendContract } from 'nestjs-sftpd/testing';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';

jest.setTimeout(60_000);

const runner = { describe, it, beforeEach, afterEach };

/** What an object store has not. */
const WITHOUT = [
  'linkInfo',
  'setLinkAttributes',
  'symlink',
  'readLink',
  'hardLink',
  'ownerNames',
  'supportsSync',
] as const;

whereUsable('Ceph', [findCeph()], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('over a Ceph RADOS Gateway', () => {
    let store: CephStore;
    let bucket: string;
    beforeAll(async () => {
      store = await startCeph();
      bucket = await store.bucket();
    });
    afterAll(() => store.stop());

    const created =
      (options: Partial<S3BackendOptions> = {}) =>
      (): CreatedBackend => {
        const backend = new S3Backend({
          bucket,
          prefix: randomUUID(),
          client: store.client,
          ...options,
        });
        return { backend, dispose: () => backend.onApplicationShutdown() };
      };

    describeBackendContract(
      {
        name: 'S3Backend',
        create: created(),
        without: WITHOUT,
        uploads: 'on close',
      },
      runner,
    );

    describeBackendContract(
      {
        name: 'S3Backend that gathers uploads in temporary files',
        create: created({ randomWrites: 'spool' }),
        without: WITHOUT,
        uploads: 'on close',
      },
      runner,
    );
  });
});
