import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import type { SftpBackend } from '../backend.js';
import { normalizePath, ROOT_PATH } from '../path.js';
import { SftpError } from '../sftp-error.js';
import { OpenFileStrategies } from './open-file-strategies.js';
import { type ProbedMethod, ProbeStorage, SESSION } from './spec-support/probe-storage.js';

const UPLOAD = { write: true, create: true, truncate: true };

let storage: ProbeStorage;
let temporaryDirectory: string;

beforeEach(() => {
  storage = new ProbeStorage();
  temporaryDirectory = mkdtempSync(path.join(tmpdir(), 'nestjs-sftpd-spec-'));
});

afterEach(() => {
  expect(readdirSync(temporaryDirectory)).toEqual([]);
  rmSync(temporaryDirectory, { recursive: true });
});

describe('OpenFileStrategies', () => {
  it('returns a backend with random access as it is', () => {
    const backend = new MemoryBackend();
    expect(new OpenFileStrategies().randomAccess(backend)).toBe(backend);
  });

  it('forwards exactly the methods that the backend has, with their this, and no sync', async () => {
    class Remote {
      readonly #name = 'remote';
      readonly supportsSync = true;
      statVfs(): unknown {
        return this.#name;
      }
      readLink(): string {
        return this.#name;
      }
    }
    const remote = Object.assign(
      new Remote(),
      storage.backend('readFile'),
    ) as unknown as SftpBackend;
    const backend = new OpenFileStrategies().randomAccess(remote);
    expect(Object.keys(backend).sort()).toEqual(
      [
        'delDir',
        'delete',
        'fileInfo',
        'listDir',
        'makeDir',
        'openFile',
        'readFile',
        'readLink',
        'rename',
        'statVfs',
      ].sort(),
    );
    expect(await backend.readLink?.(ROOT_PATH, SESSION)).toBe('remote');
  });

  it.each([
    [{ maxWholeFileBytes: 0 }, 'maxWholeFileBytes'],
    [{ maxTemporaryBytes: 1.5 }, 'maxTemporaryBytes'],
    [{ maxReadAheadBytes: Number.NaN }, 'maxReadAheadBytes'],
    [{ rewrites: 'maybe' as 'spool' }, 'rewrites'],
  ])('does not take %j', (options, name) => {
    expect(() => new OpenFileStrategies(options)).toThrow(new RegExp(`^${name}: must be`));
  });
});

describe('the way to a file', () => {
  it.each<{ methods: ProbedMethod[]; call: string }>([
    { methods: ['readFileRange', 'readFile', 'writeFile'], call: 'readFileRange 0+5' },
    { methods: ['readFile', 'beginWrite'], call: 'readFile' },
  ])('is the best for reading of $methods', async ({ methods, call }) => {
    storage.files.set('/f', Buffer.from('hello'));
    const file = await open(methods, { read: true });
    const target = Buffer.alloc(5);
    expect(await file.read(target, 0)).toBe(5);
    expect(target.toString()).toBe('hello');
    expect(() => file.write(Buffer.from('x'), 0)).toThrow(SftpError);
    await file.close();
    expect(storage.calls).toEqual([call]);
  });

  it.each<{ methods: ProbedMethod[]; calls: string[] }>([
    { methods: ['beginWrite', 'writeFile'], calls: ['beginWrite', 'write 0+1', 'finish'] },
    { methods: ['writeFile', 'readFileRange'], calls: ['writeFile 1'] },
  ])('is the best for writing of $methods', async ({ methods, calls }) => {
    const file = await open(methods, UPLOAD);
    await file.write(Buffer.from('x'), 0);
    await file.close();
    expect(storage.calls).toEqual(calls);
  });

  it('is none for writing: EROFS', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    await refused(['readFile'], { write: true }, 'EROFS');
    await refused(['readFile'], UPLOAD, 'EROFS');
    await refused(['readFile'], { read: true, create: true }, 'EROFS', '/new');
    await refused(['readFile'], { write: true }, 'ENOENT', '/new');
    const file = await open(['readFile'], { read: true, create: true });
    await file.close();
  });

  it('is none for reading: ENOTSUP', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    await refused(['beginWrite'], { read: true }, 'ENOTSUP');
    await refused(['beginWrite'], { read: true, ...UPLOAD }, 'ENOTSUP');
    await refused(['beginWrite'], { read: true, create: true }, 'ENOTSUP', '/new');
    await refused(['beginWrite'], { write: true }, 'ENOTSUP');
    expect(storage.calls).toEqual([]);
    await (await open(['beginWrite'], UPLOAD)).close();
  });
});

describe('a new file', () => {
  it.each<{ methods: ProbedMethod[] }>([{ methods: ['beginWrite'] }, { methods: ['writeFile'] }])(
    'gets its mode and is made exclusively, $methods',
    async ({ methods }) => {
      const file = await open(methods, { ...UPLOAD, exclusive: true, mode: 0o640 });
      expect(await file.stat()).toMatchObject({ type: 'regular', size: 0, mode: 0o640 });
      await file.close();
      expect(storage.made).toEqual([{ exclusive: true, mode: 0o640 }]);
      await refused(methods, { ...UPLOAD, exclusive: true }, 'EEXIST');
    },
  );

  it('that is opened for reading only is made at once', async () => {
    const file = await open(['readFileRange', 'writeFile'], {
      read: true,
      create: true,
      mode: 0o600,
    });
    expect(storage.made).toEqual([{ exclusive: true, mode: 0o600 }]);
    expect(await file.read(Buffer.alloc(1), 0)).toBe(0);
    await file.close();
  });

  it('is not made over one that somebody else has made meanwhile', async () => {
    storage.before = (call) => {
      if (call !== 'writeFile 0') return;
      storage.files.set('/f', Buffer.from('theirs'));
      throw new SftpError('EEXIST');
    };
    const file = await open(['readFile', 'writeFile'], { read: true, create: true });
    expect((await file.stat()).size).toBe(6);
    await file.close();
    storage.files.delete('/f');
    const exclusive = { read: true, create: true, exclusive: true };
    await refused(['readFile', 'writeFile'], exclusive, 'EEXIST');
  });

  it('needs a directory', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    await refused(['writeFile'], UPLOAD, 'ENOENT', '/nowhere/f');
    await refused(['writeFile'], UPLOAD, 'ENOTDIR', '/f/below');
    expect(storage.calls).toEqual([]);
  });
});

describe('a file of a backend that tells nonsense', () => {
  it.each([-1, 1.5, Number.NaN, Infinity])('is EIO with a size of %d', async (size) => {
    storage.instead = { fileInfo: () => ({ type: 'regular', size }) };
    await refused(['readFile', 'writeFile'], { read: true }, 'EIO');
  });

  it.each([undefined, null, 5, {}, { type: 'regular' }, { type: 'folder', size: 1 }])(
    'is EIO, and neither missing nor made, when its attributes are %j',
    async (info) => {
      storage.instead = { fileInfo: () => info };
      await refused(['readFile', 'writeFile'], { read: true }, 'EIO');
      await refused(['readFile', 'writeFile'], UPLOAD, 'EIO');
      expect(storage.calls).toEqual([]);
    },
  );

  it('is EIO without content', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    storage.instead = { readFile: () => 'hello' };
    await refused(['readFile'], { read: true }, 'EIO');
  });

  it('is EACCES when it is no regular file', async () => {
    storage.instead = { fileInfo: () => ({ type: 'fifo', size: 0 }) };
    await refused(['readFile'], { read: true }, 'EACCES');
  });
});

describe('a file that is read whole', () => {
  it.each([10, 100_000])('is read once and stays as it was, %i bytes', async (length) => {
    const content = Buffer.alloc(length, 'abc');
    storage.files.set('/f', content);
    const file = await open(['readFile'], { read: true });
    storage.files.set('/f', Buffer.from('other'));
    const target = Buffer.alloc(length + 1);
    expect(await file.read(target, 0)).toBe(length);
    expect(target.subarray(0, length).equals(content)).toBe(true);
    expect(await file.read(target, length - 3)).toBe(3);
    expect(await file.read(target, length)).toBe(0);
    expect(await file.read(target, 2 ** 40)).toBe(0);
    expect((await file.stat()).size).toBe(length);
    await file.close();
    await expect(file.read(target, 0)).rejects.toMatchObject({ code: 'EBADF' });
    expect(storage.calls).toEqual(['readFile']);
  });

  it('is EFBIG before it is read when its size is over the limit', async () => {
    storage.files.set('/f', Buffer.alloc(1001));
    await refused(['readFile'], { read: true }, 'EFBIG', '/f', { maxWholeFileBytes: 1000 });
    expect(storage.calls).toEqual([]);
  });

  it('is EFBIG when its content is over the limit, whatever its size', async () => {
    storage.files.set('/f', Buffer.alloc(1001));
    storage.instead = { fileInfo: () => ({ type: 'regular', size: 1 }) };
    await refused(['readFile'], { read: true }, 'EFBIG', '/f', { maxWholeFileBytes: 1000 });
  });

  it('is ENOSPC when the temporary files are full, and takes nothing then', async () => {
    storage.files.set('/f', Buffer.alloc(100_000));
    const strategies = new OpenFileStrategies({ temporaryDirectory, maxTemporaryBytes: 150_000 });
    const first = await storage.open(['readFile'], '/f', { read: true }, strategies);
    await expect(
      storage.open(['readFile'], '/f', { read: true }, strategies),
    ).rejects.toMatchObject({ code: 'ENOSPC' });
    await first.abort();
    await (await storage.open(['readFile'], '/f', { read: true }, strategies)).close();
  });
});

function open(
  methods: readonly ProbedMethod[],
  flags: Parameters<ProbeStorage['open']>[2],
  name = '/f',
): ReturnType<ProbeStorage['open']> {
  return storage.open(methods, name, flags, { temporaryDirectory });
}

async function refused(
  methods: readonly ProbedMethod[],
  flags: Parameters<ProbeStorage['open']>[2],
  code: string,
  name = '/f',
  options = {},
): Promise<void> {
  const opening = storage.open(methods, normalizePath(name), flags, {
    temporaryDirectory,
    ...options,
  });
  await expect(opening).rejects.toMatchObject({ code });
}
