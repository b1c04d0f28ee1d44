import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { OpenFile, OpenFlags } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import type { OpenFileOptions } from './open-file-options.js';
import { resourcesOf, type OpenFileResources } from './open-file-resources.js';
import {
  dice,
  gate,
  type ProbedMethod,
  ProbeStorage,
  SESSION,
  settled,
} from './spec-support/probe-storage.js';
import { StreamedWrite } from './streamed-write.js';
import { normalizePath } from '../path.js';

const UPLOAD: OpenFlags = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: true,
  exclusive: false,
};

let storage: ProbeStorage;
let temporaryDirectory: string;
let resources: OpenFileResources;

beforeEach(() => {
  storage = new ProbeStorage();
  temporaryDirectory = mkdtempSync(path.join(tmpdir(), 'nestjs-sftpd-spec-'));
});

afterEach(() => {
  expect(readdirSync(temporaryDirectory)).toEqual([]);
  expect(resources.temporaryFiles.used).toBe(0);
  rmSync(temporaryDirectory, { recursive: true });
});

describe('a streamed upload', () => {
  it('hands over what comes in order at once, without a temporary file', async () => {
    const file = await begin();
    await file.write(Buffer.from('hello '), 0);
    await file.write(Buffer.from('world'), 6);
    expect(storage.calls).toEqual(['beginWrite', 'write 0+6', 'write 6+5']);
    await file.close();
    expect(storage.calls.slice(3)).toEqual(['finish']);
    expect(contentOf()).toBe('hello world');
  });

  it('is there, empty, when nothing was written', async () => {
    await (await begin()).close();
    expect(storage.calls).toEqual(['beginWrite', 'finish']);
    expect(contentOf()).toBe('');
  });

  it('lets the client wait for the backend, one call at a time', async () => {
    const { opened, open: release } = gate();
    const file = await begin();
    storage.before = () => opened;
    const first = file.write(Buffer.from('ab'), 0);
    const second = file.write(Buffer.from('cd'), 2);
    const end = file.close();
    await settled();
    expect(storage.calls).toEqual(['beginWrite', 'write 0+2']);
    release();
    await Promise.all([first, second, end]);
    expect(storage.calls.slice(1)).toEqual(['write 0+2', 'write 2+2', 'finish']);
  });

  it('keeps what comes too early in memory until its turn', async () => {
    const file = await begin();
    await file.write(Buffer.from('ef'), 4);
    await file.write(Buffer.from('cd'), 2);
    expect(storage.callsOf('write')).toEqual([]);
    expect(resources.temporaryFiles.used).toBe(0);
    await file.write(Buffer.from('ab'), 0);
    expect(storage.callsOf('write')).toEqual(['write 0+2', 'write 2+4']);
    await file.close();
    expect(contentOf()).toBe('abcdef');
  });

  it('keeps no buffer of the client', async () => {
    const file = await begin();
    const data = Buffer.from('cd');
    await file.write(data, 2);
    data.fill('X');
    await file.write(Buffer.from('ab'), 0);
    await file.close();
    expect(contentOf()).toBe('abcd');
  });

  it('keeps in a temporary file what does not fit into memory, and drops it when it has had its turn', async () => {
    const file = await begin({ maxReassemblyBytes: 100 });
    const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
    await file.write(content.subarray(50, 1000), 50);
    expect(resources.temporaryFiles.used).toBe(900);
    expect(readdirSync(temporaryDirectory)).toEqual([]);
    await file.write(content.subarray(0, 50), 0);
    expect(resources.temporaryFiles.used).toBe(0);
    await file.close();
    expect(storage.files.get('/f')).toEqual(content);
  });

  it('makes gaps that nobody filled zeros', async () => {
    const file = await begin({ maxReassemblyBytes: 100 });
    await file.write(Buffer.from('a'), 10);
    await file.write(Buffer.from('b'), 70_000);
    await file.setAttributes?.({ size: 140_000 });
    expect((await file.stat()).size).toBe(140_000);
    await file.close();
    const expected = Buffer.alloc(140_000);
    expected.write('a', 10);
    expected.write('b', 70_000);
    expect(storage.files.get('/f')!.equals(expected)).toBe(true);
  });

  it('writes at the end, whatever the offset, when it appends', async () => {
    const file = await begin({}, { append: true });
    await file.write(Buffer.from('one,'), 100);
    await file.write(Buffer.from('two'), 0);
    await file.close();
    expect(contentOf()).toBe('one,two');
  });

  it('takes a smaller and a larger size as long as the bytes have not been handed over', async () => {
    const file = await begin({ maxReassemblyBytes: 4 });
    await file.write(Buffer.from('ab'), 0);
    await file.write(Buffer.from('efghij'), 4);
    await file.setAttributes?.({ size: 5 });
    await file.setAttributes?.({ size: 8 });
    await expect(file.setAttributes?.({ size: 1 })).rejects.toMatchObject({ code: 'ENOTSUP' });
    await file.close();
    expect(contentOf()).toBe('ab\0\0e\0\0\0');
  });

  const SEED = 77_001;

  it.each([0, 64, 1000, 100_000])(
    `makes of parts in any order what a buffer would be, with %i bytes of memory (seed ${SEED})`,
    async (maxReassemblyBytes) => {
      const random = dice(SEED + maxReassemblyBytes);
      for (let round = 0; round < 15; round += 1) {
        const expected = Buffer.alloc(20_000);
        const file = await begin({ maxReassemblyBytes });
        let end = 0;
        const write = async (start: number, length: number): Promise<void> => {
          const data = Buffer.from(Array.from({ length }, () => random(256)));
          data.copy(expected, start);
          end = Math.max(end, start + length);
          await file.write(data, start);
        };
        // Not from 0, so that everything can be written over and over until the last moment.
        for (let part = 0; part < 60; part += 1) await write(1 + random(19_000), 1 + random(900));
        if (random(2) === 0) await write(0, 1);
        await file.close();
        expect(storage.files.get('/f')!.equals(expected.subarray(0, end))).toBe(true);
      }
    },
  );

  it('makes of shuffled parts of a file that file', async () => {
    const random = dice(SEED);
    const content = Buffer.from(Array.from({ length: 50_000 }, () => random(256)));
    const starts = Array.from({ length: 500 }, (_, index) => index * 100);
    for (const window of [1, 7, 150, 500]) {
      const file = await begin({ maxReassemblyBytes: 2000 });
      const waiting = [...starts];
      while (waiting.length > 0) {
        const [start = 0] = waiting.splice(random(Math.min(window, waiting.length)), 1);
        await file.write(content.subarray(start, start + 100), start);
      }
      await file.close();
      expect(storage.files.get('/f')!.equals(content)).toBe(true);
    }
  });
});

describe('what a streamed upload refuses', () => {
  it('is to change bytes that have been handed over: the upload is not whole then', async () => {
    const file = await begin();
    await file.write(Buffer.from('abcd'), 0);
    await expect(file.write(Buffer.from('X'), 3)).rejects.toMatchObject({
      code: 'ENOTSUP',
      message: expect.stringContaining('cannot be written again'),
    });
    await expect(file.write(Buffer.from('e'), 4)).rejects.toThrow();
    await expect(file.close()).rejects.toMatchObject({ code: 'ENOTSUP' });
    expect(storage.calls.slice(-1)).toEqual(['abort']);
    expect(storage.files.has('/f')).toBe(false);
  });

  it('is to go too far ahead', async () => {
    const file = await begin({ maxTemporaryBytes: 1000 });
    await expect(file.write(Buffer.from('x'), 2 ** 50)).rejects.toMatchObject({ code: 'EFBIG' });
    await file.abort();
  });

  it('is to make more zeros than the bound', async () => {
    const file = await begin({ maxTemporaryBytes: 1000 });
    await file.setAttributes?.({ size: 2 ** 50 });
    await expect(file.close()).rejects.toMatchObject({ code: 'EFBIG' });
    expect(storage.calls).toEqual(['beginWrite', 'abort']);
  });

  it('is to fill the temporary files of the server', async () => {
    const file = await begin({ maxReassemblyBytes: 10, maxTemporaryBytes: 1000 });
    await file.write(Buffer.alloc(500), 400);
    const other = await beginWith(resources);
    await expect(other.write(Buffer.alloc(600), 300)).rejects.toMatchObject({ code: 'ENOSPC' });
    await other.abort();
    await file.write(Buffer.alloc(400), 0);
    await file.close();
  });

  it('is to read', async () => {
    const file = await begin();
    expect(() => file.read(Buffer.alloc(1), 0)).toThrow(SftpError);
    await file.abort();
  });
});

describe('the end of a streamed upload', () => {
  it('is one abort, and no finish, when the client is gone', async () => {
    const file = await begin({ maxReassemblyBytes: 1 });
    await file.write(Buffer.from('late'), 100);
    await file.abort();
    expect(storage.calls).toEqual(['beginWrite', 'abort']);
    await expect(file.abort()).rejects.toMatchObject({ code: 'EBADF' });
    await expect(file.close()).rejects.toMatchObject({ code: 'EBADF' });
    expect(storage.calls).toEqual(['beginWrite', 'abort']);
  });

  it('tells of an abort that fails', async () => {
    const file = await begin();
    failAt('abort', 'EACCES');
    await expect(file.abort()).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('is an abort when the writer has failed', async () => {
    const file = await begin();
    failAt('write 0+1', 'EDQUOT');
    await expect(file.write(Buffer.from('x'), 0)).rejects.toMatchObject({ code: 'EDQUOT' });
    await file.abort();
    expect(storage.calls).toEqual(['beginWrite', 'write 0+1', 'abort']);
  });

  it('is an abort when the writer fails at the last bytes', async () => {
    const file = await begin();
    await file.write(Buffer.from('x'), 9);
    failAt('write 0+9', 'ENOSPC');
    await expect(file.close()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(storage.calls).toEqual(['beginWrite', 'write 0+9', 'abort']);
  });

  it('is no abort when finish has failed', async () => {
    const file = await begin();
    failAt('finish', 'EEXIST');
    await expect(file.close()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(storage.calls).toEqual(['beginWrite', 'finish']);
  });

  it('keeps both errors when the abort fails as well', async () => {
    const file = await begin();
    await file.write(Buffer.from('x'), 9);
    storage.before = (call) => {
      throw new SftpError(call === 'abort' ? 'EACCES' : 'ENOSPC');
    };
    const error = await Promise.resolve(file.close()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ENOSPC',
      cause: { errors: [{ code: 'ENOSPC' }, { code: 'EACCES' }] },
    });
  });

  it('needs no abort when beginWrite has failed', async () => {
    failAt('beginWrite', 'EROFS');
    await expect(begin()).rejects.toMatchObject({ code: 'EROFS' });
    expect(storage.calls).toEqual(['beginWrite']);
  });

  it('needs a writer', async () => {
    storage.instead = { beginWrite: () => ({ write: () => undefined }) };
    await expect(begin()).rejects.toMatchObject({ code: 'EIO' });
  });
});

async function begin(
  options: OpenFileOptions = {},
  flags: Partial<OpenFlags> = {},
): Promise<OpenFile> {
  resources = resourcesOf({ ...options, temporaryDirectory });
  return beginWith(resources, flags);
}

function beginWith(
  shared: OpenFileResources,
  flags: Partial<OpenFlags> = {},
  methods: readonly ProbedMethod[] = ['beginWrite'],
): Promise<OpenFile> {
  const file = {
    backend: storage.backend(...methods),
    path: normalizePath('/f'),
    session: SESSION,
  };
  return StreamedWrite.begin(file, { ...UPLOAD, ...flags }, undefined, shared);
}

function contentOf(): string | undefined {
  return storage.files.get('/f')?.toString();
}

function failAt(call: string, code: 'EACCES' | 'EDQUOT' | 'EEXIST' | 'ENOSPC' | 'EROFS'): void {
  storage.before = (called) => {
    if (called === call) throw new SftpError(code);
  };
}
