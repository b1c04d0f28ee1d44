import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { portOf, runCli, serve } from './support/cli.js';
import { SFTP, sftp, SSHPASS } from './support/sftp-login.js';

jest.setTimeout(180_000);

const PASSWORD = 'a very secret one';

whereUsable('nestjs-sftpd over S3', [findCeph(), SFTP, SSHPASS], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('nestjs-sftpd over S3', () => {
    let home: TempDir;
    let store: CephStore | undefined;

    beforeAll(async () => {
      home = await makeTempDir();
      store = await startCeph();
    });

    afterEach(killChildren);

    afterAll(async () => {
      await store?.stop();
      await home.remove();
    });

    function running(): CephStore {
      if (store === undefined) throw new Error('The store does not run');
      return store;
    }

    function environment(): Record<string, string> {
      const { accessKeyId, secretAccessKey } = running();
      return {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        SFTP_PASSWORD: PASSWORD,
        // The SDK's word about versions of Node is not the program's.
        NODE_NO_WARNINGS: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
      };
    }

    function options(bucket: string): string[] {
      return ['--s3', bucket, '--s3-endpoint', running().endpoint, '--s3-path-style'];
    }

    it('serves the part of a bucket below a prefix', async () => {
      const bucket = await running().bucket();
      const content = randomBytes(100_003);
      await writeFile(path.join(home.path, 'sent.bin'), content);
      const child = serve(home.path, [...options(bucket), '--s3-prefix', 'mine/'], environment());
      const login = { port: await portOf(child), home: home.path, password: PASSWORD };
      const moved = await sftp(login, 'put sent.bin in.bin', 'get in.bin back.bin');
      expect(moved).toMatchObject({ code: 0 });
      expect(await readFile(path.join(home.path, 'back.bin'))).toEqual(content);
      child.kill('SIGTERM');
      expect(await child.ended).toMatchObject({ code: 0, signal: null, stderr: '' });

      const whole = serve(home.path, [...options(bucket), '--read-only'], environment());
      const listed = await sftp({ ...login, port: await portOf(whole) }, 'ls -1 mine');
      expect(listed.stdout).toContain('in.bin');
    });

    it('is found well by check, or not, with the name of what is wrong and no secret', async () => {
      const bucket = await running().bucket();
      const env = environment();
      const checked = (args: readonly string[], more = {}): ReturnType<typeof runCli> =>
        runCli(['check', '--user', 'me', ...args], { home: home.path, env: { ...env, ...more } });

      const good = await checked(options(bucket));
      expect(good).toMatchObject({ code: 0, stderr: '' });
      expect(good.stdout).toMatch(/^ok write: nestjs-sftpd-check-\S+ was written, read back/m);

      const missing = await checked(options('no-such-bucket'));
      expect(missing.code).toBe(1);
      expect(missing.stdout).toMatch(
        /^failed storage: the bucket "no-such-bucket" does not exist at \S+: make it$/m,
      );

      const denied = await checked(options(bucket), { AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
      expect(denied.code).toBe(1);
      expect(denied.stdout).toMatch(/^failed storage: .*refused the credentials/m);
      expect(denied.stdout + denied.stderr).not.toContain('not-the-secret');
    });
  });
});
