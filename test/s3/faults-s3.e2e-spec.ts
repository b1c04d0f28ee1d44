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
import {
  anyRequest,
  isBegin,
  isChange,
  isComplete,
  isGet,
  isList,
  isPart,
  isPut,
} from '../support/fault-rules.js';
import { seededBytes, sha256, sha256OfFile, writeSeeded } from '../support/fixtures.js';
import { SftpBatch } from '../support/openssh-client.js';
import { getFile, putFile } from '../support/raw-files.js';
import * as requests from '../support/raw-requests.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import type { S3Target } from '../support/s3-server.js';
import { type FaultSetup, startFaultSetup } from './support/fault-setup.js';
import { openChannel } from './support/s3-gateway.js';

jest.setTimeout(90_000);

const MIB = 1024 * 1024;
const sftp = findProgram('sftp');

whereUsable('a store that fails', [findCeph(), sftp], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('over a store that', () => {
    let store: CephStore | undefined;
    let setup: FaultSetup | undefined;
    let proxy: FaultProxy;
    let target: S3Target;
    let batch: SftpBatch;

    beforeAll(async () => {
      store = await startCeph();
    });

    beforeEach(async () => {
      if (store === undefined) throw new Error('The store does not run');
      setup = await startFaultSetup(store);
      ({ proxy, target } = setup);
      batch = new SftpBatch(programOf(sftp), target);
    });

    afterEach(async () => {
      proxy.clear();
      await setup?.stop();
      setup = undefined;
    });

    afterAll(async () => {
      await store?.stop();
    });

    /** Sends 12 MiB up and down, and checks every byte. */
    async function transfer(): Promise<void> {
      const digest = await writeSeeded(join(target.home, 'file'), 12 * MIB, 1);
      await batch.ok(['put file /file']);
      expect(await target.storage.sha256('/file')).toBe(digest);
      await batch.ok(['get /file back']);
      expect(await sha256OfFile(join(target.home, 'back'))).toBe(digest);
      expect(await target.storage.openUploads()).toEqual([]);
    }

    describe('recovers, transfers succeed:', () => {
      it('it answers 503 twice to each kind of request', async () => {
        const kinds = [isBegin, isPart, isComplete, isGet, isList];
        const rules = kinds.map((kind) => proxy.when(kind, { status: 503 }, 2));
        await transfer();
        await batch.ok(['ls -l /']);
        expect(rules.map(({ hits }) => hits)).toEqual([2, 2, 2, 2, 2]);
      });

      it('it answers 500 twice to a small upload', async () => {
        const rule = proxy.when(isPut, { status: 500, code: 'InternalError' }, 2);
        await putFile(await openChannel(target), '/small', 'whole');
        expect(rule.hits).toBe(2);
        expect(await target.storage.sha256('/small')).toBe(sha256(Buffer.from('whole')));
      });

      it('its downloads break off', async () => {
        const rule = proxy.when(isGet, { truncateAfter: 1_000_000 }, 3);
        await transfer();
        expect(rule.hits).toBe(3);
      });

      it('its uploads break off', async () => {
        const rule = proxy.when(isPart, { cutUploadAfter: 1_000_000 }, 2);
        await transfer();
        expect(rule.hits).toBe(2);
      });

      it('it does not answer some of the requests', async () => {
        const rules = [isPart, isGet].map((kind) => proxy.when(kind, { hang: true }, 1));
        await transfer();
        expect(rules.map(({ hits }) => hits)).toEqual([1, 1]);
      });

      it('it is slow', async () => {
        proxy.when(anyRequest, { delay: 150 });
        await transfer();
      });
    });

    describe('fails, and goes on failing:', () => {
      it('a large upload fails when no part is taken, and nothing is stored', async () => {
        const old = seededBytes(1000, 2);
        await target.storage.put('/file', old);
        await writeSeeded(join(target.home, 'file'), 12 * MIB, 3);
        proxy.when(isPart, { status: 503 });
        await batch.failing(['put file /file']);
        expect(await target.storage.sha256('/file')).toBe(sha256(old));
        await target.stop();
        expect(await target.storage.openUploads()).toEqual([]);
      });

      it('a large upload fails when it cannot be completed, and nothing is stored', async () => {
        await writeSeeded(join(target.home, 'file'), 12 * MIB, 4);
        proxy.when(isComplete, { status: 503 });
        await batch.failing(['put file /file']);
        expect(await target.storage.names('/')).toEqual([]);
        await target.stop();
        expect(await target.storage.openUploads()).toEqual([]);
      });

      it('a download fails when ranges always break off', async () => {
        await target.storage.put('/file', seededBytes(12 * MIB, 5));
        proxy.when(isGet, { truncateAfter: 1000 });
        await batch.failing(['get /file back']);
      });

      it('changes fail, and reading goes on', async () => {
        const channel = await openChannel(target);
        await target.storage.put('/file', Buffer.from('content'));
        proxy.when(isChange, { status: 503 });
        expect(await upload(channel, '/new')).toBe('FAILURE');
        expect(await channel.outcome(requests.remove('/file'))).toBe('FAILURE');
        expect((await getFile(channel, '/file')).toString()).toBe('content');
        expect(await target.storage.names('/')).toEqual(['file']);
      });
    });

    /** What the first failing step of an upload answers; `OK` when none fails. */
    async function upload(channel: RawSftpClient, path: string): Promise<string> {
      const opened = await channel.request(requests.open(path, FXF.WRITE | FXF.CREAT));
      if (opened.kind !== 'HANDLE') return outcomeOf(opened);
      const written = await channel.outcome(requests.write(opened.handle, 0, 'content'));
      const closed = await channel.outcome(requests.close(opened.handle));
      return written === 'OK' ? closed : written;
    }
  });
});
