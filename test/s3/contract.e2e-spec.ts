import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, jest } from '@jest/globals';
import { S3Backend, type S3BackendOptions } from 'nestjs-sftpd/s3';
import {
  type ContractRunner,
  type CreatedBackend,
  describeBackendContract,
} from 'nestjs-sftpd/testing';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';

jest.setTimeout(60_000);

const runner = { describe, it, beforeEach, afterEach };

/** The subjects that have to do with how uploads are kept; of all the others, there is but one way. */
const CONTENT: ReadonlySet<string> = new Set([
  'openFile, flags',
  'reading',
  'writing',
  'abort',
  'open files',
  'uploads on close',
  'setAttributes, size',
]);

/** Runs the subjects of {@link CONTENT} alone. */
const ofContent: ContractRunner = {
  ...runner,
  describe: (name, define) => {
    if (CONTENT.has(name) || name.startsWith('the backend contract')) describe(name, define);
  },
};

/** What an object store cannot do, or does in another way. */
const OBJECT_STORE = {
  without: [
    'linkInfo',
    'setLinkAttributes',
    'symlink',
    'readLink',
    'hardLink',
    'ownerNames',
    'supportsSync',
  ],
  uploads: 'on close',
  openFiles: 'its name',
  sparseFiles: false,
  directoryTimes: false,
} as const;

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
        ...OBJECT_STORE,
        name: 'S3Backend',
        create: created(),
      },
      runner,
    );

    describeBackendContract(
      {
        ...OBJECT_STORE,
        name: 'S3Backend that gathers uploads in temporary files',
        create: created({ randomWrites: 'spool' }),
      },
      ofContent,
    );
  });
});
