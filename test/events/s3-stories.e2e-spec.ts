import { afterAll, beforeAll, describe, jest } from '@jest/globals';

import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { findProgram, whereUsable } from '../support/client-tools.js';
import { describeAllStories, describeUploadStories } from './support/all-stories.js';
import { BROKEN_CONNECTION, describeDeaths, KILLED_SFTP } from './support/kills.js';
import { s3 } from './support/subjects.js';

jest.setTimeout(90_000);

whereUsable('the stories over S3', [findCeph(), findProgram('sftp')], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('a bucket', () => {
    let store: CephStore | undefined;

    beforeAll(async () => {
      store = await startCeph();
    });

    afterAll(async () => {
      await store?.stop();
    });

    const subject = s3(() => {
      if (store === undefined) throw new Error('The store does not run');
      return store;
    });
    describeAllStories(subject);
    // Nobody looks at uploads: the store gets their parts as they come.
    describeUploadStories({ ...subject, name: 's3, without gates', gated: false });
    describeDeaths(subject, BROKEN_CONNECTION, 6, 4);
    describeDeaths(subject, KILLED_SFTP, 3, 5);
  });
});
