import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { supervised, SUPERVISOR } from '../support/ceph/daemon.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { within } from '../support/raw-transport.js';

jest.setTimeout(120_000);

whereUsable('Ceph as the S3 store of the tests', [findCeph()], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('the S3 store of the tests', () => {
    const stores: CephStore[] = [];

    beforeAll(async () => {
      const start = async (): Promise<void> => void stores.push(await startCeph());
      const started = await Promise.allSettled([start(), start()]);
      for (const each of started) if (each.status === 'rejected') throw each.reason;
    });

    afterAll(async () => {
      for (const store of stores) await store.stop();
    });

    it('runs several times at once', async () => {
      for (const store of stores) await store.bucket('same-name');
      expect(new Set(stores.map(({ endpoint }) => endpoint)).size).toBe(2);
    });

    it('keeps what is stored when its gateway is killed', async () => {
      const { client, endpoint } = stores[0]!;
      const Bucket = await stores[0]!.bucket();
      await client.send(new PutObjectCommand({ Bucket, Key: 'a key', Body: 'kept' }));
      await stores[0]!.killGateway();
      await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
      await stores[0]!.restartGateway();
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'a key' }));
      expect(await Body?.transformToString()).toBe('kept');
    });

    it('dies with the process that has started it, even when that is killed', async () => {
      const child = supervised('sh', ['-c', 'echo started; exec sleep 600']);
      const program = `require('node:child_process').spawn(
        '${SUPERVISOR}', ${JSON.stringify(child)}, { stdio: 'inherit' });`;
      const parent = spawn(process.execPath, ['-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(parent, 'exit');
      await within(once(parent.stdout, 'data'), 'the start');
      // The pipe ends when nobody holds it any more: neither the parent nor its child.
      const gone = once(parent.stdout, 'end');
      parent.kill('SIGKILL');
      await within(gone, 'the end of what the killed process has started');
      expect(await ended).toEqual([null, 'SIGKILL']);
    });
  });
});
