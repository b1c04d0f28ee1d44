import { chmod, stat, truncate, utimes, copyFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, it, jest } from '@jest/globals';

import { startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { describeClient, findProgram, programOf } from '../support/client-tools.js';
import {
  digestTree,
  seededBytes,
  sha256,
  sha256OfFile,
  writeSeeded,
  writeTree,
} from '../support/fixtures.js';
import { Lftp } from '../support/lftp-client.js';
import { SftpBatch } from '../support/openssh-client.js';
import { listAll, putFile } from '../support/raw-files.js';
import * as requests from '../support/raw-requests.js';
import { FXF } from '../support/raw-wire.js';
import { Rclone } from '../support/rclone-client.js';
import type { S3Target } from '../support/s3-server.js';
import type { TestedServer } from '../support/sftp-target.js';
import { digestStored } from '../support/storage-probe.js';
import { openChannel, startGateway } from './support/s3-gateway.js';

jest.setTimeout(120_000);

const MIB = 1024 * 1024;
const WHEN = new Date('2001-02-03T04:05:06Z');

const [sftp, rclone, lftp, ssh] = ['sftp', 'rclone', 'lftp', 'ssh'].map((name) =>
  findProgram(name),
) as [Found, Found, Found, Found];
type Found = ReturnType<typeof findProgram>;

/** The built gateway over a store of its own. */
const GATEWAY: TestedServer = {
  name: 's3',
  start: async (): Promise<S3Target> => {
    const store = await startCeph();
    try {
      const gateway = await startGateway(store);
      return {
        ...gateway,
        stop: async () => {
          await gateway.stop();
          await store.stop();
        },
      };
    } catch (error) {
      await store.stop();
      throw error;
    }
  },
};

describeClient(
  'sftp, rclone, lftp and WinSCP through the gateway',
  [findCeph(), sftp, rclone, lftp, ssh],
  (suite) => {
    let batch: SftpBatch;
    beforeAll(() => {
      batch = new SftpBatch(programOf(sftp), suite.target);
    });

    it('sftp puts and gets 20 MiB', async () => {
      const { local, remote } = await suite.workspace();
      const digest = await writeSeeded(join(local, 'file'), 20 * MIB, 1);
      await batch.ok([`put file ${remote}/file`, `get ${remote}/file back`], { cwd: local });
      expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(digest);
      expect(await sha256OfFile(join(local, 'back'))).toBe(digest);
    });

    it.each([100_000, 9 * MIB])('sftp keeps mode and times of %d bytes with -p', async (size) => {
      const { local, remote } = await suite.workspace();
      await writeSeeded(join(local, 'kept'), size, 2);
      await chmod(join(local, 'kept'), 0o640);
      await utimes(join(local, 'kept'), WHEN, WHEN);
      await batch.ok([`put -p kept ${remote}/kept`, `get -p ${remote}/kept back`], { cwd: local });
      const kept = { mode: 0o640, modifiedAt: WHEN.getTime() / 1000 };
      expect(await suite.target.storage.info(`${remote}/kept`)).toMatchObject(kept);
      const back = await stat(join(local, 'back'));
      expect({ mode: back.mode & 0o7777, modifiedAt: back.mtimeMs / 1000 }).toEqual(kept);
    });

    it('sftp changes a mode afterwards, and lists it', async () => {
      const { remote } = await suite.workspace();
      const data = seededBytes(12_345, 3);
      await suite.target.storage.put(`${remote}/file`, data);
      await suite.target.storage.put(`${remote}/sub dir/other`, data);
      const { stdout } = await batch.ok([`chmod 604 ${remote}/file`, `cd ${remote}`, 'ls -l']);
      expect(await suite.target.storage.info(`${remote}/file`)).toMatchObject({ mode: 0o604 });
      expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(sha256(data));
      const date = String.raw`\w{3} +\d{1,2} +(\d\d:\d\d|\d{4})`;
      // A listing tells no metadata: the mode is the usual one there.
      expect(stdout).toMatch(new RegExp(`^-rw\\S+ +\\S+ +\\S+ +\\S+ +12345 ${date} file$`, 'm'));
      expect(stdout).toMatch(new RegExp(`^drwx\\S+ +\\S+ +\\S+ +\\S+ +\\S+ ${date} sub dir$`, 'm'));
    });

    it.each([
      [1_500_000, 700_001],
      [20 * MIB, 12 * MIB + 1],
    ])('sftp resumes an upload of %d bytes after %d with reput', async (size, cut) => {
      const { local, remote } = await suite.workspace();
      const digest = await writeSeeded(join(local, 'whole'), size, 4);
      await copyFile(join(local, 'whole'), join(local, 'half'));
      await truncate(join(local, 'half'), cut);
      await batch.ok([`put half ${remote}/file`, `reput whole ${remote}/file`], { cwd: local });
      expect(await suite.target.storage.sha256(`${remote}/file`)).toBe(digest);
    });

    it('sftp makes, renames and removes files and directories', async () => {
      const { remote } = await suite.workspace();
      const { storage } = suite.target;
      const [first, second] = [seededBytes(10, 5), seededBytes(20, 6)];
      await storage.put(`${remote}/a`, first);
      await storage.put(`${remote}/b`, second);
      await batch.ok([
        `mkdir ${remote}/d`,
        `mkdir ${remote}/d/e`,
        `rename ${remote}/d ${remote}/f`,
      ]);
      expect(await storage.names(remote)).toEqual(['a', 'b', 'f']);
      expect(await storage.names(`${remote}/f`)).toEqual(['e']);
      await batch.failing([`rmdir ${remote}/f`]);
      await batch.failing([`mkdir ${remote}/f`]);
      await batch.failing([`rename -l ${remote}/a ${remote}/b`]);
      await batch.ok([`rename ${remote}/a ${remote}/b`]);
      expect(await storage.sha256(`${remote}/b`)).toBe(sha256(first));
      await batch.ok([`rmdir ${remote}/f/e`, `rmdir ${remote}/f`, `rm ${remote}/b`]);
      await batch.failing([`rm ${remote}/b`]);
      expect(await storage.names(remote)).toEqual([]);
    });

    it('rclone copies a tree both ways, finds no difference, and copies nothing twice', async () => {
      const client = new Rclone(programOf(rclone), suite.target);
      const { local, remote } = await suite.workspace();
      await writeTree(join(local, 'tree'));
      await writeSeeded(join(local, 'tree/large'), 11 * MIB, 7);
      const expected = await digestTree(join(local, 'tree'));
      const up = ['copy', '-v', '--create-empty-src-dirs', 'tree', `server:${remote}/tree`];
      await client.work(up, local);
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      await client.work(['check', '--download', 'tree', `server:${remote}/tree`], local);
      expect((await client.work(up, local)).stderr).not.toMatch(/Copied/);
      await client.work(
        ['copy', '--create-empty-src-dirs', `server:${remote}/tree`, 'back'],
        local,
      );
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
    });

    it('lftp mirrors a tree both ways, several files at a time', async () => {
      const client = new Lftp(programOf(lftp), programOf(ssh), suite.target);
      const { local, remote } = await suite.workspace();
      await writeTree(join(local, 'tree'));
      const expected = await digestTree(join(local, 'tree'));
      await client.commands([`mirror -R --parallel=4 tree ${remote}/tree`], local);
      expect(await digestStored(suite.target.storage, `${remote}/tree`)).toEqual(expected);
      await client.commands([`mirror --parallel=4 ${remote}/tree back`], local);
      expect(await digestTree(join(local, 'back'))).toEqual(expected);
    });

    it('WinSCP replaces a file by way of another name, and sets its times', async () => {
      const { remote } = await suite.workspace();
      const { storage } = suite.target;
      const channel = await openChannel(suite.target);
      const data = seededBytes(200_000, 8);
      const modifiedAt = WHEN.getTime() / 1000;
      await storage.put(`${remote}/x`, seededBytes(300_000, 9));

      await putFile(channel, `${remote}/x.filepart`, data);
      await channel.ok(requests.remove(`${remote}/x`));
      await channel.ok(requests.rename(`${remote}/x.filepart`, `${remote}/x`));
      const times = { atime: modifiedAt, mtime: modifiedAt };
      await channel.ok(requests.setstat(`${remote}/x`, times));
      const listed = await listAll(channel, remote);
      expect(listed.map(({ filename }) => filename).sort()).toEqual(['.', '..', 'x']);
      expect(await storage.info(`${remote}/x`)).toMatchObject({ size: 200_000, modifiedAt });
      expect(await storage.sha256(`${remote}/x`)).toBe(sha256(data));
    });

    it('WinSCP resumes a part without APPEND', async () => {
      const { remote } = await suite.workspace();
      const channel = await openChannel(suite.target);
      const data = seededBytes(7 * MIB, 10);
      const cut = 6 * MIB + 5;
      await suite.target.storage.put(`${remote}/x.filepart`, data.subarray(0, cut));
      const handle = await channel.handle(requests.open(`${remote}/x.filepart`, FXF.WRITE));
      const pieces: requests.RawRequest[] = [];
      for (let at = cut; at < data.length; at += 32_768) {
        pieces.push(requests.write(handle, at, data.subarray(at, at + 32_768)));
      }
      for (const reply of await channel.pipeline(pieces)) {
        expect(reply).toMatchObject({ kind: 'STATUS', status: 'OK' });
      }
      await channel.ok(requests.close(handle));
      await channel.ok(requests.rename(`${remote}/x.filepart`, `${remote}/x`));
      expect(await suite.target.storage.sha256(`${remote}/x`)).toBe(sha256(data));
    });
  },
  [GATEWAY],
);
