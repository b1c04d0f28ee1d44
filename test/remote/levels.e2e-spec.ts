import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientProxy } from '@nestjs/microservices';
import { normalizePath, type OpenFile, type OpenFlags, type SftpSession } from 'nestjs-sftpd';
import { SftpBackendClient } from 'nestjs-sftpd/microservices';
import { CAPABILITIES, describeBackendContract } from 'nestjs-sftpd/testing';
import { killChildren } from '../smoke/child.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { BackendService } from './support/backend-service.js';

const MIB = 2 ** 20;
const SESSION: SftpSession = {
  id: 'session-1',
  username: 'anna',
  peer: { address: '192.0.2.1', port: 50022, ident: 'OpenSSH_9.2' },
  attributes: {},
};
const UPLOAD: OpenFlags = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: true,
  exclusive: false,
};
const DOWNLOAD: OpenFlags = { ...UPLOAD, read: true, write: false, create: false, truncate: false };

let temporary: TempDir;
let service: BackendService;
let proxy: ClientProxy;

beforeAll(async () => {
  temporary = await makeTempDir();
  service = await BackendService.start({ temporaryDirectory: temporary.path, leaseTime: 1000 });
  proxy = service.proxy();
});

afterAll(async () => {
  await proxy.close();
  await service.disconnect();
  await killChildren();
  await temporary.remove();
});

/** The backend that the other process serves under a pattern, emptied. */
async function emptied(pattern: string): Promise<SftpBackendClient> {
  await service.reset();
  const backend = new SftpBackendClient(proxy, { pattern });
  await backend.connect();
  return backend;
}

const PATH = normalizePath('/file');

function open(backend: SftpBackendClient, flags: OpenFlags, path = PATH): Promise<OpenFile> {
  return Promise.resolve(backend.openFile(path, flags, SESSION));
}

for (const pattern of ['whole-files', 'streaming']) {
  describeBackendContract(
    {
      name: `SftpBackendClient, of a backend in another process (${pattern})`,
      create: async () => ({ backend: await emptied(pattern) }),
      without: CAPABILITIES,
      uploads: 'on close',
      openFiles: 'its name',
      rewrites: pattern !== 'streaming',
    },
    { describe, it, beforeEach, afterEach },
  );
}

describe.each(['whole-files', 'streaming', 'spooling'])('a remote backend (%s)', (pattern) => {
  it('is offered what follows from random access, and nothing else', async () => {
    const backend = await emptied(pattern);
    expect(CAPABILITIES.filter((name) => backend[name])).toEqual([]);
    expect(typeof backend.openFile).toBe('function');
  });

  it('takes an upload that comes in any order, past what may wait in memory', async () => {
    const backend = await emptied(pattern);
    const content = Buffer.alloc(MIB, 'abcdefghijklm');
    const file = await open(backend, UPLOAD);
    for (const part of [3, 1, 2, 0]) {
      const start = (part * MIB) / 4;
      await file.write(content.subarray(start, start + MIB / 4), start);
    }
    await file.close();
    const read = await open(backend, DOWNLOAD);
    const target = Buffer.alloc(content.length);
    expect(await read.read(target, 0)).toBe(content.length);
    expect(target.equals(content)).toBe(true);
    await read.close();
  });

  it('is told of an upload that its client has left by an abort, and keeps nothing of it', async () => {
    const backend = await emptied(pattern);
    const path = normalizePath(`/left-${pattern}`);
    const file = await open(backend, UPLOAD, path);
    await file.write(Buffer.from('ahead'), 100_000);
    await file.write(Buffer.from('part'), 0);
    // It renews nothing from here on, as if it had been killed.
    backend.onApplicationShutdown();
    await service.process.output(
      new RegExp(`"${path}", which its client has left open, was let go of`),
    );
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    const next = new SftpBackendClient(proxy, { pattern });
    await expect(next.fileInfo(path, SESSION)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('has left no temporary file', async () => {
    expect(await readdir(temporary.path)).toEqual([]);
  });
});

describe('the limits of the other side', () => {
  it('refuse a file that is too long to be handed over whole, and keep nothing', async () => {
    const backend = await emptied('whole-files');
    const file = await open(backend, UPLOAD);
    await file.write(Buffer.alloc(MIB), 0);
    await expect(file.write(Buffer.alloc(1), 16 * MIB)).rejects.toMatchObject({ code: 'EFBIG' });
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    await expect(backend.fileInfo(PATH, SESSION)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuse to rewrite what has been handed on, unless uploads are gathered first', async () => {
    const refused = await open(await emptied('streaming'), UPLOAD);
    await refused.write(Buffer.from('first'), 0);
    await refused.write(Buffer.alloc(200_000), 5);
    await expect(refused.write(Buffer.from('again'), 0)).rejects.toMatchObject({
      code: 'ENOTSUP',
    });
    await refused.abort();

    const backend = await emptied('spooling');
    const gathered = await open(backend, UPLOAD);
    await gathered.write(Buffer.from('first'), 0);
    await gathered.write(Buffer.from('again'), 0);
    await gathered.close();
    const read = await open(backend, DOWNLOAD);
    const target = Buffer.alloc(10);
    expect(await read.read(target, 0)).toBe(5);
    expect(target.toString('utf8', 0, 5)).toBe('again');
    await read.close();
  });
});
