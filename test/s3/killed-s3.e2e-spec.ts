import { join } from 'node:path';

import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';

import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import { isBegin, isComplete, isGet, isPart, type Match } from '../support/fault-rules.js';
import { seededBytes, sha256, sha256OfFile, writeSeeded } from '../support/fixtures.js';
import { SftpBatch } from '../support/openssh-client.js';
import { getFile, putFile } from '../support/raw-files.js';
import type { S3Target } from '../support/s3-server.js';
import { startTcpRelay } from '../support/tcp-relay.js';
import { eventually } from './support/eventually.js';
import { type FaultSetup, SECRET_PREFIX, startFaultSetup } from './support/fault-setup.js';
import { openChannel } from './support/s3-gateway.js';
import { SftpProcess } from './support/sftp-process.js';

jest.setTimeout(90_000);

const MIB = 1024 * 1024;
const sftp = findProgram('sftp');

whereUsable('transfers that are killed', [findCeph(), sftp], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('over S3', () => {
    let store: CephStore;
    let started: CephStore | undefined;
    let setup: FaultSetup | undefined;
    let proxy: FaultProxy;
    let target: S3Target;

    beforeAll(async () => {
      started = await startCeph();
      store = started;
    });

    beforeEach(async () => {
      setup = await startFaultSetup(store);
      ({ proxy, target } = setup);
    });

    afterEach(async () => {
      await setup?.stop();
      setup = undefined;
    });

    afterAll(async () => {
      await started?.stop();
    });

    const noUploads = async (): Promise<boolean> =>
      (await target.storage.openUploads()).length === 0;

    describe('a store that is killed', () => {
      it('in the middle of an upload fails it, and stores nothing', async () => {
        const channel = await openChannel(target);
        const old = seededBytes(100_000, 1);
        await putFile(channel, '/file', old);
        await writeSeeded(join(target.home, 'file'), 30 * MIB, 2);
        proxy.when(isPart, { delay: 200 });
        const failing = new SftpBatch(programOf(sftp), target).failing(['put file /file']);
        await proxy.until(isPart, 1, 30_000);
        await store.killGateway();
        await failing;
        await store.restartGateway();

        expect(await target.storage.keys()).toEqual([`${SECRET_PREFIX}file`]);
        expect(await target.storage.sha256('/file')).toBe(sha256(old));
        expect((await getFile(channel, '/file')).equals(old)).toBe(true);
        // The abort could not reach the store: what is left is what the clean-up finds after its age.
        for (const key of await target.storage.openUploads()) {
          expect(key).toBe(`${SECRET_PREFIX}file`);
        }
        const cleaner = await startFaultSetup(store, {
          bucket: target.storage.bucket,
          abandonedUploadAge: 1,
        });
        await eventually('no multipart upload is left', noUploads);
        await cleaner.stop();
        expect(await target.storage.sha256('/file')).toBe(sha256(old));
      });

      it('in the middle of a download fails it, and serves it once it is back', async () => {
        const channel = await openChannel(target);
        const data = seededBytes(40 * MIB, 3);
        await target.storage.put('/file', data);
        const batch = new SftpBatch(programOf(sftp), target);
        proxy.when(isGet, { delay: 300 });
        const failing = batch.failing(['get /file back']);
        await proxy.until(isGet, 6, 30_000);
        await store.killGateway();
        await failing;
        await store.restartGateway();
        await channel.alive();
        await batch.ok(['get /file again']);
        expect(await sha256OfFile(join(target.home, 'again'))).toBe(sha256(data));
      });
    });

    const STAGES: readonly (readonly [string, Match, number])[] = [
      ['when the multipart upload begins', isBegin, 1],
      ['when the first part is on its way', isPart, 1],
      // Three are on their way at once, so by then one is stored; the client is far from its CLOSE.
      ['when parts are stored and others on their way', isPart, 4],
    ];

    describe('an upload of 50 MiB whose client is killed', () => {
      const old = seededBytes(100_000, 4);

      beforeEach(async () => {
        await writeSeeded(join(target.home, 'file'), 50 * MIB, 5);
        await target.storage.put('/file', old);
      });

      /** Nothing of the upload is left, now and after the server has ended. */
      async function expectNothingLeft(): Promise<void> {
        await eventually('no multipart upload is left', noUploads);
        await target.stop();
        expect(await target.storage.keys()).toEqual([`${SECRET_PREFIX}file`]);
        expect(await target.storage.sha256('/file')).toBe(sha256(old));
        expect(await target.storage.openUploads()).toEqual([]);
        expect(proxy.seen(isComplete)).toEqual([]);
      }

      it('when only its first bytes have come leaves nothing', async () => {
        const relay = await startTcpRelay(target.port, MIB);
        const known = `HostKeyAlias=[${target.host}]:${target.port}`;
        const lines = ['put file /file', 'put file /other'];
        const child = new SftpProcess(programOf(sftp), target, lines, [
          `Port=${relay.port}`,
          known,
        ]);
        await relay.reached;
        await child.kill();
        relay.resume();
        await expectNothingLeft();
        await relay.stop();
      });

      it.each(STAGES)('%s leaves nothing', async (_when, match, count) => {
        // Slow enough for the client to be still at it.
        proxy.when(isPart, { delay: 300 });
        const child = new SftpProcess(programOf(sftp), target, [
          'put file /file',
          'put file /other',
        ]);
        await proxy.until(match, count, 30_000);
        await child.kill();
        await expectNothingLeft();
      });
    });
  });
});
