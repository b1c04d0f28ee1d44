import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { S3Backend } from 'nestjs-sftpd/s3';
import { BackendProbe } from '../support/backend-probe.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { seededBytes, sha256 } from '../support/fixtures.js';
import { SftpBatch } from '../support/openssh-client.js';
import { S3Probe } from '../support/s3-probe.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { startBackendServer } from '../support/test-server.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const MIB = 1024 * 1024;

whereUsable('Ceph and OpenSSH sftp', [findCeph(), sftp], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('a bucket in a tree of mounts', () => {
    const content = seededBytes(12 * MIB, 7);
    let store: CephStore;
    let target: SftpTarget;
    let memory: BackendProbe;
    let objects: S3Probe;
    let batch: SftpBatch;

    beforeAll(async () => {
      store = await startCeph();
      const bucket = await store.bucket();
      const root = new MemoryBackend();
      memory = new BackendProbe(root);
      objects = new S3Probe(store.client, bucket, 'in/');
      target = await startBackendServer(root, memory, {
        mounts: { '/bucket': new S3Backend({ bucket, prefix: 'in', client: store.client }) },
      });
      batch = new SftpBatch(programOf(sftp), target);
      await writeFile(join(target.home, 'file'), content);
    });
    afterAll(async () => {
      await target.stop();
      await store.stop();
    });

    it('is listed where it stands, and holds what is put there', async () => {
      await batch.ok(['mkdir /bucket/d', 'put file /bucket/d/up'], { cwd: target.home });
      expect(await objects.sha256('/d/up')).toBe(sha256(content));
      expect(await memory.names('/')).toEqual([]);
      const { stdout } = await batch.ok(['ls -1 /', 'ls -1 /bucket/d']);
      expect(stdout).toMatch(/^\/bucket$/m);
      expect(stdout).toMatch(/^\/bucket\/d\/up$/m);
    });

    it('takes and gives copies, which stream', async () => {
      await batch.ok(['put file /here', 'cp /here /bucket/copied', 'cp /bucket/copied /back']);
      expect(await objects.sha256('/copied')).toBe(sha256(content));
      expect(await memory.sha256('/back')).toBe(sha256(content));
      await batch.ok(['cp /bucket/copied /bucket/again', 'get /bucket/again again'], {
        cwd: target.home,
      });
      expect(sha256(await readFile(join(target.home, 'again')))).toBe(sha256(content));
    });

    it('keeps its mount point, and takes no rename from another storage', async () => {
      await batch.ok(['put file /stays'], { cwd: target.home });
      for (const command of ['rename /stays /bucket/stays', 'rmdir /bucket', 'rename /bucket /b']) {
        await batch.failing([command]);
      }
      expect(await memory.sha256('/stays')).toBe(sha256(content));
      expect(await objects.names('/')).not.toContain('stays');
    });
  });
});
