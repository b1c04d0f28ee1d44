import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { type Ended, killChildren } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { anyRequest } from '../support/fault-rules.js';
import { getFile, putFile } from '../support/raw-files.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { openChannel, spawnGateway, startGateway } from './support/s3-gateway.js';

jest.setTimeout(90_000);

whereUsable("the gateway's start over S3", [findCeph()], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('a gateway over S3', () => {
    let store: CephStore | undefined;
    let directory: TempDir;

    beforeAll(async () => {
      directory = await makeTempDir();
      store = await startCeph();
    });

    afterEach(killChildren);

    afterAll(async () => {
      await store?.stop();
      await directory.remove();
    });

    const running = (): CephStore => {
      if (store === undefined) throw new Error('The store does not run');
      return store;
    };

    /** Starts a gateway that must fail, and gives back the one line it writes. */
    async function problem(env: Readonly<Record<string, string>>): Promise<string> {
      const ended: Ended = await spawnGateway(directory.path, running(), env).ended;
      expect(ended).toMatchObject({ code: 1, signal: null });
      expect(ended.stdout).not.toContain('SFTP server listening');
      expect(ended.stdout + ended.stderr).not.toContain(running().secretAccessKey);
      expect(ended.stderr).toMatch(/^The gateway could not start: [^\n]+\n$/);
      return ended.stderr;
    }

    it('does not start when the bucket is missing, and tells how to make it', async () => {
      const line = await problem({ S3_BUCKET: 'no-such-bucket' });
      expect(line).toContain('"no-such-bucket"');
      expect(line).toContain('does not exist');
      expect(line).toContain('S3_CREATE_BUCKET=true');
    });

    it('does not start with a wrong secret, and names the variables to check', async () => {
      const S3_BUCKET = await running().bucket();
      const line = await problem({ S3_BUCKET, AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
      expect(line).toContain('refused the credentials');
      expect(line).toContain('AWS_SECRET_ACCESS_KEY');
      expect(line).not.toContain('not-the-secret');
    });

    it('does not start without credentials', async () => {
      const S3_BUCKET = await running().bucket();
      const line = await problem({ S3_BUCKET, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
      expect(line).toMatch(/credentials/i);
      expect(line).toContain('AWS_ACCESS_KEY_ID');
    });

    it('does not start when nobody answers at the endpoint', async () => {
      const line = await problem({ S3_BUCKET: 'bucket', S3_ENDPOINT: 'http://127.0.0.1:1' });
      expect(line).toContain('http://127.0.0.1:1 could not be reached');
      expect(line).toContain('S3_ENDPOINT');
    });

    it('does not start when the endpoint never answers', async () => {
      const proxy = await FaultProxy.start(running().endpoint);
      proxy.when(anyRequest, { hang: true });
      const line = await problem({ S3_BUCKET: 'bucket', S3_ENDPOINT: proxy.endpoint });
      expect(line).toContain('S3_ENDPOINT');
      expect(proxy.requests.length).toBeGreaterThan(0);
      await proxy.stop();
    });

    it('makes a missing bucket with S3_CREATE_BUCKET, and uses it again', async () => {
      const env = { S3_BUCKET: 'made-at-the-start', S3_CREATE_BUCKET: 'true' };
      const first = await startGateway(running(), env);
      await running().client.send(new HeadBucketCommand({ Bucket: env.S3_BUCKET }));
      await putFile(await openChannel(first), '/file', 'kept');
      await first.stop();
      const second = await startGateway(running(), env);
      expect((await getFile(await openChannel(second), '/file')).toString()).toBe('kept');
      await second.stop();
    });

    it('puts a prefix before every key', async () => {
      const gateway = await startGateway(running(), { S3_PREFIX: 'in/here' });
      await putFile(await openChannel(gateway), '/file', 'x');
      expect(await gateway.storage.keys()).toEqual(['in/here/file']);
      await gateway.stop();
    });
  });
});
