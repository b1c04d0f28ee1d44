import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { MemoryBackend } from '../../backends/memory/index.js';
import type { CopyOptions, RandomAccessBackend } from '../../filesystem/backend.js';
import type { DirEntry } from '../../filesystem/file-info.js';
import { normalizePath } from '../../filesystem/path.js';
import { SftpBackendClient } from '../client/sftp-backend-client.js';
import { flags, Loopback, loopbackTo, operationOf, SESSION } from '../spec-support/loopback.js';
import { OPERATIONS, WIRE_VERSION } from '../wire/operations.js';
import { encodeBytes, encodeFlags } from '../wire/values.js';
import { ServedBackend } from './served-backend.js';
import {
  checkedControllerOptions,
  type SftpBackendControllerOptions,
} from './sftp-backend-controller-options.js';

const FILE = normalizePath('/file');
const UPLOAD = flags({ write: true, create: true, truncate: true });

let errors: unknown[][];

beforeEach(() => {
  errors = [];
  jest
    .spyOn(Logger.prototype, 'error')
    .mockImplementation((...line: unknown[]) => errors.push(line));
  for (const level of ['warn', 'debug'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

function serve(
  backend: RandomAccessBackend,
  options: SftpBackendControllerOptions = {},
): ServedBackend {
  return new ServedBackend(backend, checkedControllerOptions(options));
}

async function clientOf(served: ServedBackend): Promise<SftpBackendClient> {
  const client = new SftpBackendClient(loopbackTo(served));
  await client.connect();
  return client;
}

/** A backend that differs from a memory backend in some methods. */
function backendWith(replaced: Partial<RandomAccessBackend>): RandomAccessBackend {
  return Object.assign(new MemoryBackend() as RandomAccessBackend, replaced);
}

let requests = 0;
function message(body: object, request = `request-${++requests}`): object {
  return { version: WIRE_VERSION, request, session: SESSION, ...body };
}

describe('a message that makes no sense', () => {
  const nonsense = [undefined, null, 5, 'text', [], {}, { version: WIRE_VERSION }, message({})];

  it.each(OPERATIONS.filter((operation) => operation !== 'describe'))(
    'is answered as EIO by %s, and costs nothing else',
    async (operation) => {
      const served = serve(new MemoryBackend());
      for (const data of nonsense) {
        const { error } = (await served.answer(operation, data)) as { error: object };
        expect(error).toEqual({ code: 'EIO', message: 'Input/output error' });
      }
      expect(errors).toHaveLength(nonsense.length);
      await (await clientOf(served)).fileInfo(normalizePath('/'), SESSION);
    },
  );

  it('of another version says so in the log', async () => {
    const served = serve(new MemoryBackend());
    await served.answer('fileInfo', { ...message({ path: '/' }), version: 99 });
    expect(String(errors[0]?.[1])).toContain('the message is of version 99 and this side speaks 1');
  });

  it('asks for no more than a message may carry', async () => {
    const served = serve(new MemoryBackend(), { maxChunkBytes: 1000 });
    const opened = await served.answer(
      'openFile',
      message({ path: '/f', flags: encodeFlags(UPLOAD) }),
    );
    const { handle } = (opened as { value: { handle: string } }).value;
    const read = message({ handle, offset: 0, length: 1001 });
    expect(await served.answer('read', read)).toMatchObject({ error: { code: 'EIO' } });
    const write = message({ handle, offset: 0, data: encodeBytes(Buffer.alloc(1001)) });
    expect(await served.answer('write', write)).toMatchObject({ error: { code: 'EIO' } });
  });
});

describe('a backend that fails', () => {
  it('is logged here in full, and tells the client nothing', async () => {
    const client = await clientOf(
      serve(
        backendWith({
          fileInfo: () => {
            throw new Error('password of /srv/db is wrong');
          },
        }),
      ),
    );
    await expect(client.fileInfo(FILE, SESSION)).rejects.toMatchObject({
      code: 'EIO',
      message: 'Input/output error',
    });
    expect(errors).toEqual([
      ['sftp-backend.fileInfo failed', expect.stringContaining('password of /srv/db is wrong')],
    ]);
  });

  it.each<[string, Partial<RandomAccessBackend>]>([
    ['no file info', { fileInfo: () => undefined as never }],
    ['a size that is none', { fileInfo: () => ({ type: 'regular', size: NaN }) }],
    [
      'a date that is none',
      { fileInfo: () => ({ type: 'regular', size: 1, modifiedAt: 5 as never }) },
    ],
  ])('by returning %s is EIO', async (_what, replaced) => {
    const client = await clientOf(serve(backendWith(replaced)));
    await expect(client.fileInfo(FILE, SESSION)).rejects.toMatchObject({ code: 'EIO' });
  });

  it('for a method that it has not is ENOTSUP', async () => {
    const refuse = (): never => {
      throw new Error('not called');
    };
    const served = serve({
      listDir: refuse,
      fileInfo: refuse,
      openFile: refuse,
      makeDir: refuse,
      delDir: refuse,
      delete: refuse,
      rename: refuse,
    });
    const client = new SftpBackendClient(loopbackTo(served), { capabilities: ['readLink'] });
    await expect(client.readLink?.(FILE, SESSION)).rejects.toMatchObject({ code: 'ENOTSUP' });
  });
});

describe('a message that comes twice', () => {
  /** A transport that delivers every message twice, and gives the second answer. */
  const twice = (served: ServedBackend): SftpBackendClient =>
    new SftpBackendClient(
      new Loopback(async (pattern, data) => {
        await served.answer(operationOf(pattern), data);
        return served.answer(operationOf(pattern), data);
      }),
    );

  it('takes effect once', async () => {
    const backend = new MemoryBackend();
    const client = twice(serve(backend));
    const file = await client.openFile(FILE, { ...UPLOAD, append: true }, SESSION);
    await file.write(Buffer.from('once'), 0);
    await file.write(Buffer.from(' only'), 0);
    await file.close();
    expect(backend.fileInfo(FILE).size).toBe('once only'.length);
    await client.rename(FILE, normalizePath('/new'), { overwrite: false }, SESSION);
    await client.delete(normalizePath('/new'), SESSION);
    expect(errors).toEqual([]);
  });

  it('takes effect once also while it is under way', async () => {
    let renames = 0;
    let finish: () => void = () => undefined;
    const served = serve(
      backendWith({
        rename: () => {
          renames++;
          return new Promise((resolve) => (finish = resolve));
        },
      }),
    );
    const data = message({ from: '/a', to: '/b', overwrite: true });
    const answers = [served.answer('rename', data), served.answer('rename', data)];
    finish();
    expect(await Promise.all(answers)).toEqual([{ value: {} }, { value: {} }]);
    expect(renames).toBe(1);
  });

  it('skips no page of a listing', async () => {
    const backend = new MemoryBackend();
    for (let index = 0; index < 600; index++) backend.makeDir(normalizePath(`/d${index}`), {});
    const served = serve(backend);
    const first = await served.answer('listDir', message({ path: '/' }));
    const { cursor } = (first as { value: { cursor: string } }).value;
    const next = message({ cursor, page: 1 });
    expect(await served.answer('listNext', next)).toHaveProperty('value.done', false);
    expect(await served.answer('listNext', next)).toMatchObject({ error: { code: 'EIO' } });
    const last = message({ cursor, page: 2 });
    expect(await served.answer('listNext', last)).toHaveProperty('value.done', true);
  });
});

describe('a listing', () => {
  /** A directory without an end that counts what was asked of it. */
  function endless() {
    const seen = { asked: 0, ended: 0 };
    async function* entries(): AsyncGenerator<DirEntry> {
      try {
        for (;;) yield { name: `entry-${seen.asked++}`, info: { type: 'regular', size: 0 } };
      } finally {
        seen.ended++;
      }
    }
    return { seen, served: serve(backendWith({ listDir: entries })) };
  }

  it('asks the backend for a page more than the client has taken, and ends with it', async () => {
    const { seen, served } = endless();
    const client = await clientOf(served);
    let taken = 0;
    for await (const { name } of await client.listDir(FILE, SESSION)) {
      expect(name).toBe(`entry-${taken}`);
      if (++taken === 1000) break;
    }
    expect(seen.asked).toBeLessThanOrEqual(1024);
    expect(seen.ended).toBe(1);
  });

  it('can be ended before it has begun, and while a page is under way', async () => {
    const { seen, served } = endless();
    const client = await clientOf(served);
    const unread = (await client.listDir(FILE, SESSION)) as AsyncIterableIterator<DirEntry>;
    await unread.return?.();
    expect(seen.ended).toBe(1);
    const read = (await client.listDir(FILE, SESSION)) as AsyncIterableIterator<DirEntry>;
    for (let index = 0; index < 256; index++) await read.next();
    const [step] = await Promise.all([read.next(), read.return?.()]);
    expect(step.done).toBe(true);
    expect(seen.ended).toBe(2);
  });

  it('fails again and again once it has failed, so that a part never looks like all', async () => {
    async function* failing(): AsyncGenerator<DirEntry> {
      for (let index = 0; index < 300; index++) {
        yield { name: `entry-${index}`, info: { type: 'regular', size: 0 } };
      }
      throw new Error('The disk is gone');
    }
    const client = await clientOf(serve(backendWith({ listDir: failing })));
    const listing = (await client.listDir(FILE, SESSION)) as AsyncIterableIterator<DirEntry>;
    for (let index = 0; index < 256; index++) await listing.next();
    await expect(listing.next()).rejects.toMatchObject({ code: 'EIO' });
    await expect(listing.next()).rejects.toMatchObject({ code: 'EIO' });
  });

  it('that comes slowly is sent in smaller pages', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    async function* slow(): AsyncGenerator<DirEntry> {
      for (let index = 0; index < 100; index++) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        yield { name: `entry-${index}`, info: { type: 'regular', size: 0 } };
      }
    }
    try {
      const served = serve(backendWith({ listDir: slow }));
      const first = served.answer('listDir', message({ path: '/' }));
      await jest.advanceTimersByTimeAsync(1200);
      const { value } = (await first) as { value: { entries: unknown[]; done: boolean } };
      expect(value.entries).toHaveLength(3);
      expect(value.done).toBe(false);
      await served.stop();
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a copy', () => {
  it('is called off when its signal says so', async () => {
    let signalOf: (signal: AbortSignal) => void = () => undefined;
    const started = new Promise<AbortSignal>((resolve) => (signalOf = resolve));
    const copy = (_from: unknown, _to: unknown, { signal }: CopyOptions): Promise<void> =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('Called off'));
        });
        if (signal) signalOf(signal);
      });
    const client = await clientOf(serve(backendWith({ copy })));
    const controller = new AbortController();
    const { signal } = controller;
    const copied = client.copy?.(FILE, normalizePath('/b'), { overwrite: true, signal }, SESSION);
    const remote = await started;
    expect(remote.aborted).toBe(false);
    controller.abort();
    await expect(copied).rejects.toMatchObject({ code: 'EIO' });
    expect(remote.aborted).toBe(true);
  });

  it('is not begun when it has been called off before', async () => {
    const proxy = loopbackTo(serve(new MemoryBackend()));
    const client = new SftpBackendClient(proxy, { capabilities: ['copy'] });
    const options = { overwrite: true, signal: AbortSignal.abort() };
    await expect(client.copy?.(FILE, FILE, options, SESSION)).rejects.toMatchObject({
      code: 'EIO',
    });
    expect(proxy.sent).toEqual([]);
  });
});

describe('what is open', () => {
  it('is bounded for all clients together', async () => {
    const served = serve(new MemoryBackend(), { maxHandles: 2 });
    const [one, two] = [await clientOf(served), await clientOf(served)];
    const file = await one.openFile(FILE, UPLOAD, SESSION);
    await two.openFile(FILE, UPLOAD, SESSION);
    await expect(one.openFile(FILE, UPLOAD, SESSION)).rejects.toMatchObject({ code: 'EMFILE' });
    await expect(one.listDir(normalizePath('/'), SESSION)).rejects.toMatchObject({
      code: 'EMFILE',
    });
    await file.close();
    await one.openFile(FILE, UPLOAD, SESSION);
  });

  it('is aborted when this process ends, and a file of it is EIO from then on', async () => {
    const ends: string[] = [];
    const backend = new MemoryBackend();
    const openFile = backend.openFile.bind(backend);
    backend.openFile = (path, wanted) =>
      Object.assign(openFile(path, wanted), {
        close: () => ends.push('close'),
        abort: () => ends.push('abort'),
      });
    const served = serve(backend);
    const client = await clientOf(served);
    const file = await client.openFile(FILE, UPLOAD, SESSION);
    await served.stop();
    expect(ends).toEqual(['abort']);
    await expect(file.write(Buffer.from('late'), 0)).rejects.toMatchObject({ code: 'EIO' });
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    await served.stop();
    expect(ends).toEqual(['abort']);
  });

  it('does not keep this process from its end when the backend hangs', async () => {
    let begun: () => void = () => undefined;
    let finish: () => void = () => undefined;
    const writing = new Promise<void>((resolve) => (begun = resolve));
    const backend = backendWith({
      openFile: () => ({
        read: () => 0,
        write: () => {
          begun();
          return new Promise((resolve) => (finish = resolve));
        },
        stat: () => ({ type: 'regular', size: 0 }),
        close: () => undefined,
        abort: () => undefined,
      }),
    });
    const served = serve(backend, { shutdownTimeout: 10 });
    const file = await (await clientOf(served)).openFile(FILE, UPLOAD, SESSION);
    const write = file.write(Buffer.from('x'), 0);
    await writing;
    await served.stop();
    finish();
    await write;
  });
});

describe('the options of a controller', () => {
  it.each([
    ['pattern', ''],
    ['maxHandles', 0],
    ['leaseTime', 999],
    ['leaseTime', 2 ** 31],
    ['maxChunkBytes', '5'],
    ['shutdownTimeout', -1],
  ])('%s may not be %j', (name, value) => {
    expect(() => checkedControllerOptions({ [name]: value })).toThrow(
      `SftpBackendController: ${name} must be`,
    );
  });
});
