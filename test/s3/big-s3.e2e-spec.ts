import { join } from 'node:path';

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { sha256OfFile, writeSeeded } from '../support/fixtures.js';
import { SftpBatch } from '../support/openssh-client.js';
import { getFile, listAll } from '../support/raw-files.js';
import * as requests from '../support/raw-requests.js';
import { openChannel, type S3Gateway, startGateway } from './support/s3-gateway.js';

jest.setTimeout(150_000);

const MIB = 1024 * 1024;
const sftp = findProgram('sftp');

/** Names of objects that a client can name. */
const ODD_NAMES: readonly string[] = [
  ' leading space',
  'trailing space ',
  'two  spaces',
  'a+b',
  'a%20b',
  'a%',
  '%2F',
  '%',
  '+',
  `it's`,
  '"quoted"',
  'back\\slash',
  'a&b=c',
  'a?b#c',
  'a;b,c',
  'a:b|c',
  '<xml>&amp;',
  '[brackets]{braces}',
  '*star*',
  '~tilde',
  '!bang@at$dollar^caret`tick',
  '-dash',
  '..three dots',
  '...',
  '.hidden',
  'tab\tinside',
  'line\nbreak',
  'control\u0001',
  'delete\u007f',
  'Größe',
  'e\u0301 decomposed',
  '日本語',
  '🚀😀',
  'عربى',
  '\u200bzero width',
  'n'.repeat(1024 - 'odd/'.length),
];

/** Keys that no path can name: they must neither show nor get in the way. */
const UNNAMED_KEYS: readonly string[] = [
  'odd//twice',
  'odd/../up',
  'odd/./here',
  'odd/..',
  'odd/.',
  '/odd/leading',
];

whereUsable('much in S3', [findCeph(), sftp], (reasonToSkip) => {
  const describeOrSkip = reasonToSkip === undefined ? describe : describe.skip;

  describeOrSkip('a gateway over S3', () => {
    let store: CephStore | undefined;
    let started: S3Gateway | undefined;
    let gateway: S3Gateway;
    let batch: SftpBatch;

    beforeAll(async () => {
      store = await startCeph();
      started = await startGateway(store);
      gateway = started;
      batch = new SftpBatch(programOf(sftp), gateway);
    });

    afterAll(async () => {
      await started?.stop();
      await killChildren();
      await store?.stop();
    });

    /** Puts objects past the gateway, some at a time. */
    async function putAll(keys: readonly string[], body: (key: string) => string): Promise<void> {
      const left = [...keys];
      const Bucket = gateway.storage.bucket;
      const work = async (): Promise<void> => {
        for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
          await store?.client.send(
            new PutObjectCommand({ Bucket, Key, Body: Buffer.from(body(Key)) }),
          );
        }
      };
      await Promise.all(Array.from({ length: 16 }, work));
    }

    it('takes and gives 200 MiB', async () => {
      const digest = await writeSeeded(join(gateway.home, 'large'), 200 * MIB, 1);
      await batch.ok(['put large /large'], { timeout: 120_000 });
      expect(await gateway.storage.info('/large')).toMatchObject({ size: 200 * MIB });
      expect(await gateway.storage.sha256('/large')).toBe(digest);
      await batch.ok(['get /large back'], { timeout: 120_000 });
      expect(await sha256OfFile(join(gateway.home, 'back'))).toBe(digest);
      expect(await gateway.storage.openUploads()).toEqual([]);
    });

    it('takes four uploads at once', async () => {
      const names = ['one', 'two', 'three', 'four'];
      const digests: string[] = [];
      for (const [seed, name] of names.entries()) {
        digests.push(await writeSeeded(join(gateway.home, name), 30 * MIB, 10 + seed));
      }
      await Promise.all(
        names.map((name) => batch.ok([`put ${name} /${name}`], { timeout: 120_000 })),
      );
      const stored = await Promise.all(names.map((name) => gateway.storage.sha256(`/${name}`)));
      expect(stored).toEqual(digests);
    });

    it('lists 2,500 entries', async () => {
      const names = Array.from({ length: 2500 }, (_, index) => `entry number ${10_000 + index}`);
      await putAll(
        names.map((name) => `many/${name}`),
        () => '',
      );
      const { stdout } = await batch.ok(['cd /many', 'ls -1']);
      const listed = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('sftp>'));
      expect(listed.map((line) => line.trimEnd())).toEqual(names);
    });

    it('renames a directory of 300 objects with all it holds', async () => {
      const below = Array.from({ length: 300 }, (_, index) => `d${index % 7}/file ${index}`);
      await putAll(
        below.map((name) => `before/${name}`),
        (key) => key.replace('before/', ''),
      );
      await batch.ok(['rename /before /after']);
      const keys = (await gateway.storage.keys('after/')).filter((key) => !key.endsWith('/.keep'));
      expect(keys).toEqual(below.map((name) => `after/${name}`).sort());
      expect(await gateway.storage.keys('before/')).toEqual([]);
      const channel = await openChannel(gateway);
      for (const name of [below[0], below[150], below[299]]) {
        expect((await getFile(channel, `/after/${name}`)).toString()).toBe(name);
      }
    });

    it('lists and gives objects with odd keys, and is not troubled by those without a path', async () => {
      const keys = ODD_NAMES.map((name) => `odd/${name}`);
      await putAll([...keys, ...UNNAMED_KEYS], (key) => `content of ${key}`);
      const channel = await openChannel(gateway);
      const listed = (await listAll(channel, '/odd')).map(({ filename }) => filename);
      expect(listed.sort()).toEqual(['.', '..', ...ODD_NAMES].sort());
      for (const key of keys) {
        expect((await getFile(channel, `/${key}`)).toString()).toBe(`content of ${key}`);
        const { size } = await channel.attrs(requests.stat(`/${key}`));
        expect(Number(size)).toBe(Buffer.byteLength(`content of ${key}`));
      }
    });

    it('changes objects with odd keys', async () => {
      const names = ODD_NAMES.filter((name) => name.length < 100);
      await putAll(
        names.map((name) => `changed/${name}`),
        (key) => key,
      );
      const channel = await openChannel(gateway);
      for (const name of names) {
        await channel.ok(requests.setstat(`/changed/${name}`, { permissions: 0o600 }));
        await channel.ok(requests.rename(`/changed/${name}`, `/changed/${name}.new`));
      }
      expect(await gateway.storage.names('/changed')).toEqual(
        names.map((name) => `${name}.new`).sort(),
      );
      for (const name of names) {
        const content = await getFile(channel, `/changed/${name}.new`);
        expect(content.toString()).toBe(`changed/${name}`);
        await channel.ok(requests.remove(`/changed/${name}.new`));
      }
      expect(await gateway.storage.names('/changed')).toEqual([]);
    });
  });
});
