import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { whereUsable } from '../support/client-tools.js';
import { getFile, listAll, putFile } from '../support/raw-files.js';
import * as requests from '../support/raw-requests.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { openChannel, type S3Gateway, startGateway } from './support/s3-gateway.js';

jest.setTimeout(90_000);

/** Users without a prefix that could be used, and what stands in its place. */
const REFUSED: Readonly<Record<string, unknown>> = {
  missing: undefined,
  empty: '',
  slash: '/',
  leading: '/tenant-a/',
  'double slash': 'tenant-a//',
  'dot dot': 'tenant-a/../tenant-ab/',
  dots: '..',
  dot: './',
  control: 'tenant-a\n/',
  number: 7,
  list: ['tenant-a/'],
  null: null,
};

/** Keys that the tenant `tenant-a` must neither see nor reach, with a path that somebody might try for each. */
const FOREIGN: readonly string[] = [
  'outside.txt',
  'tenant-a',
  'tenant-ab/secret.txt',
  'tenant-ab/inner/secret.txt',
  'tenant-b/secret.txt',
];

const ATTEMPTS: readonly string[] = [
  '/../tenant-ab/secret.txt',
  '../tenant-ab/secret.txt',
  '../../../tenant-ab/secret.txt',
  '/./.././tenant-ab/secret.txt',
  '/sub/../../tenant-ab/secret.txt',
  '//tenant-ab//secret.txt',
  'tenant-ab/secret.txt',
  'b/secret.txt',
  '/b/secret.txt',
  '/..b/secret.txt',
  '/%2e%2e/tenant-ab/secret.txt',
  '/..%2ftenant-ab/secret.txt',
  '/..\\tenant-ab\\secret.txt',
  '/../outside.txt',
  '/../tenant-b/secret.txt',
];

const SECRET = 'not for tenant-a';

whereUsable('tenants in one bucket', [findCeph()], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('tenants in one bucket', () => {
    let store: CephStore | undefined;
    let directory: TempDir;
    let gateway: S3Gateway;
    let started: S3Gateway | undefined;

    beforeAll(async () => {
      directory = await makeTempDir();
      store = await startCeph();
      const SFTP_USERS_FILE = join(directory.path, 'users.json');
      const prefixes = { a: 'tenant-a/', ab: 'tenant-ab', ...REFUSED };
      const users = Object.entries(prefixes).map(([username, prefix]) => ({
        username,
        password: 'dev',
        attributes: { prefix },
      }));
      await writeFile(SFTP_USERS_FILE, JSON.stringify(users));
      started = await startGateway(store, { SFTP_USERS_FILE, S3_PREFIX: 'session:prefix' });
      gateway = started;
      for (const key of FOREIGN) await gateway.storage.put(key, Buffer.from(SECRET));
      await gateway.storage.put('tenant-a/sub/own.txt', Buffer.from('own'));
    });

    afterAll(async () => {
      await started?.stop();
      await killChildren();
      await store?.stop();
      await directory.remove();
    });

    const channelOf = (username: string): Promise<RawSftpClient> =>
      openChannel(gateway, { username });

    const namesIn = async (sftp: RawSftpClient, path: string): Promise<string[]> =>
      (await listAll(sftp, path)).map(({ filename }) => filename).sort();

    /** What is in the bucket beside the keys of `tenant-a`. */
    const foreign = async (): Promise<string[]> =>
      (await gateway.storage.keys()).filter((key) => !key.startsWith('tenant-a/'));

    it('each see their own files as the whole tree', async () => {
      const [a, ab] = [await channelOf('a'), await channelOf('ab')];
      expect(await namesIn(a, '/')).toEqual(['.', '..', 'sub']);
      expect(await namesIn(a, '/..')).toEqual(['.', '..', 'sub']);
      expect(await namesIn(a, '/sub')).toEqual(['.', '..', 'own.txt']);
      expect(await namesIn(ab, '/')).toEqual(['.', '..', 'inner', 'secret.txt']);
      expect((await getFile(ab, '/secret.txt')).toString()).toBe(SECRET);
    });

    it.each(ATTEMPTS)('reach nothing of others by %j', async (path) => {
      const a = await channelOf('a');
      expect(await a.outcome(requests.stat(path))).toBe('NO_SUCH_FILE');
      expect(await a.outcome(requests.lstat(path))).toBe('NO_SUCH_FILE');
      expect(await a.outcome(requests.open(path, FXF.READ))).toBe('NO_SUCH_FILE');
      expect(await a.outcome(requests.opendir(path))).toBe('NO_SUCH_FILE');
      expect(await a.outcome(requests.remove(path))).toBe('NO_SUCH_FILE');
      expect(await a.outcome(requests.rename(path, '/stolen.txt'))).toBe('NO_SUCH_FILE');
      expect(await a.outcome(requests.setstat(path, { permissions: 0o600 }))).toBe('NO_SUCH_FILE');
      expect(await foreign()).toEqual([...FOREIGN].sort());
    });

    it('write nothing among the files of others', async () => {
      const a = await channelOf('a');
      for (const path of ATTEMPTS) {
        const directory = path.replace(/[/\\]?[^/\\]*$/, '') || '/';
        await a.request(requests.mkdir(directory));
        await a.request(requests.mkdir(path));
        await a.request(requests.rename('/sub/own.txt', path));
        await a.request(requests.rename(path, '/sub/own.txt'));
        const opened = await a.request(requests.open(path, FXF.WRITE | FXF.CREAT));
        if (opened.kind === 'HANDLE') await a.ok(requests.close(opened.handle));
      }
      expect(await foreign()).toEqual([...FOREIGN].sort());
      for (const key of FOREIGN) {
        expect((await gateway.storage.info(key))?.size).toBe(SECRET.length);
      }
    });

    it('do not get in the way of one another', async () => {
      const [a, ab] = [await channelOf('a'), await channelOf('ab')];
      await putFile(a, '/same name', 'of a');
      await putFile(ab, '/same name', 'of ab');
      expect((await getFile(a, '/same name')).toString()).toBe('of a');
      await a.ok(requests.remove('/same name'));
      expect((await getFile(ab, '/same name')).toString()).toBe('of ab');
      await ab.ok(requests.remove('/same name'));
    });

    it.each(Object.keys(REFUSED))('refuse a user whose prefix is %s', async (username) => {
      const before = await gateway.storage.keys();
      // The channel is closed at once, at whatever request the client is then.
      await expect(useAs(username)).rejects.toThrow('The server ended the channel');
      expect(await gateway.storage.keys()).toEqual(before);
    });

    it('tell the operator which attribute of whom is wrong, and serve the others on', async () => {
      const other = await startGateway(store ?? notStarted(), {
        S3_BUCKET: gateway.storage.bucket,
        SFTP_USERS_FILE: join(directory.path, 'users.json'),
        S3_PREFIX: 'session:prefix',
      });
      await expect(useAs('dot dot', other)).rejects.toThrow('The server ended the channel');
      await useAs('ab', other);
      await other.stop();
      const { stderr } = await other.process.ended;
      expect(stderr).toMatch(/session attribute "prefix" of the user "dot dot" is no prefix/);
    });

    function notStarted(): never {
      throw new Error('The store does not run');
    }

    async function useAs(username: string, server = gateway): Promise<void> {
      const sftp = await openChannel(server, { username });
      await sftp.request(requests.mkdir('/made'));
      await listAll(sftp, '/');
    }
  });
});
