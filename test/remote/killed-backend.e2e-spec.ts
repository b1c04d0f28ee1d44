import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClientProxy } from '@nestjs/microservices';
import { SftpBackendClient } from 'nestjs-sftpd/microservices';
import { killChildren } from '../smoke/child.js';
import { findProgram } from '../support/client-tools.js';
import { seededBytes } from '../support/fixtures.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { BackendProbe } from '../support/backend-probe.js';
import { startBackendServer } from '../support/test-server.js';
import { BackendService, type BackendServiceOptions } from './support/backend-service.js';
import { SftpSession } from './support/sftp-session.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const CONTENT = seededBytes(3_000_000, 7);
const HALF = CONTENT.length / 2;

const required = process.env['REQUIRE_CLIENTS'] === '1';
(sftp.usable || required ? describe : describe.skip)(
  'a backend that is killed, seen by sftp',
  () => {
    let root: TempDir;
    let local: TempDir;
    let service: BackendService;
    let proxy: ClientProxy;
    let target: SftpTarget;
    let session: SftpSession;

    beforeEach(async () => {
      root = await makeTempDir();
      local = await makeTempDir();
      await writeFile(join(local.path, 'photo'), CONTENT);
    });

    afterEach(async () => {
      session.kill();
      await target.stop();
      await proxy.close();
      await service.disconnect();
      await killChildren();
      await root.remove();
      await local.remove();
    });

    /** A backend's process, a server in front of it, and a client that has logged in to it. */
    async function start(hold: BackendServiceOptions['hold']): Promise<void> {
      if (!sftp.usable) throw new Error(sftp.reason);
      service = await BackendService.start({ root: root.path, ...(hold && { hold }) });
      proxy = service.proxy();
      const backend = new SftpBackendClient(proxy);
      target = await startBackendServer(backend, new BackendProbe(backend));
      session = new SftpSession(sftp.program, target, local.path);
    }

    async function killAndRestart(): Promise<void> {
      const { port } = service;
      await service.kill();
      service = await BackendService.start({ root: root.path, port });
    }

    /** What the folder holds under names that clients see. */
    async function stored(): Promise<string[]> {
      const listing = await session.run('ls -1a /');
      return listing.split('\n').filter((line) => /^\/?(photo|old)$/.test(line));
    }

    it('in the middle of an upload: it fails, leaves nothing, and the next one is whole', async () => {
      await start(`write:${HALF}`);
      session.start('put photo /photo');
      await service.process.output(/Holding write/);
      await killAndRestart();
      expect(await session.ended()).toMatch(/failure|input\/output error|couldn't|write remote/i);

      expect(await stored()).toEqual([]);
      expect(await session.run('put photo /photo')).not.toMatch(/failure|error|couldn't/i);
      expect(CONTENT.equals(await readFile(join(root.path, 'photo')))).toBe(true);
      expect(await session.quit()).toBe(0);
    });

    it('in the middle of an upload over a file: the old one stays', async () => {
      await writeFile(join(root.path, 'photo'), 'the old one');
      await start(`write:${HALF}`);
      session.start('put photo /photo');
      await service.process.output(/Holding write/);
      await killAndRestart();
      expect(await session.ended()).toMatch(/failure|input\/output error|couldn't|write remote/i);
      expect(await readFile(join(root.path, 'photo'), 'utf8')).toBe('the old one');
      expect(await session.quit()).toBe(0);
    });

    it('while it stores an upload: CLOSE is answered by a failure', async () => {
      await start('close:0');
      session.start('put photo /photo');
      await service.process.output(/Holding close/);
      await killAndRestart();
      expect(await session.ended()).toMatch(/failure|input\/output error|close remote/i);
      expect(await readdir(root.path)).not.toContain('photo');
      expect(await session.quit()).toBe(0);
    });

    it('in the middle of a download: it fails, and the next one is whole', async () => {
      await writeFile(join(root.path, 'photo'), CONTENT);
      await start(`read:${HALF}`);
      session.start('get /photo copy');
      await service.process.output(/Holding read/);
      await killAndRestart();
      expect(await session.ended()).toMatch(/failure|input\/output error|couldn't|read remote/i);

      expect(await session.run('get /photo copy')).not.toMatch(/failure|error|couldn't/i);
      expect(CONTENT.equals(await readFile(join(local.path, 'copy')))).toBe(true);
      expect(await session.quit()).toBe(0);
    });

    it('and stays away: commands fail one by one, and the session goes on', async () => {
      await writeFile(join(root.path, 'old'), 'here');
      await start(undefined);
      expect(await stored()).toEqual(['/old']);
      const { port } = service;
      await service.kill();
      expect(await session.run('ls -1 /')).toMatch(/failure|input\/output error|couldn't|can't/i);
      expect(await session.run('put photo /photo')).toMatch(/failure|input\/output|couldn't/i);
      expect(await session.run('pwd')).toMatch(/working directory: \//);
      service = await BackendService.start({ root: root.path, port });
      expect(await stored()).toEqual(['/old']);
      expect(await session.quit()).toBe(0);
    });
  },
);
