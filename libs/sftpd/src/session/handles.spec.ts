import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import type { OpenFile, OpenFlags } from '../filesystem/open-file.js';
import { ROOT_PATH, normalizePath } from '../filesystem/path.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { DirectoryHandle } from './directory-handle.js';
import { FileHandle } from './file-handle.js';
import { HandleTable } from './handle-table.js';
import { SessionUploads } from './session-uploads.js';
import { backendOf, hooksOf, LinesLog } from './spec-support/channel.js';
import { withTimeLimit } from './time-limit.js';

const BOTH: OpenFlags = {
  read: true,
  write: true,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
};
const TIMEOUTS = { close: 2000, request: 1000 };
const PATH = normalizePath('/f');
const SESSION = {
  id: 's1',
  username: 'ann',
  peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
  attributes: {},
};

function code(expected: string): unknown {
  return expect.objectContaining({ code: expected });
}

/** A file that tells in which order it was called. */
function fileOf(calls: string[], over: Partial<OpenFile> = {}): OpenFile {
  const told =
    <R>(name: string, value: R) =>
    (): R => {
      calls.push(name);
      return value;
    };
  return {
    read: told('read', 0),
    write: told('write', undefined),
    stat: told('stat', { type: 'regular', size: 0 }),
    close: told('close', undefined),
    abort: told('abort', undefined),
    ...over,
  };
}

function handleOf(file: OpenFile, flags: Partial<OpenFlags> = {}): FileHandle {
  const all = { ...BOTH, ...flags };
  const hooks = hooksOf(SESSION, backendOf({}), new LinesLog());
  return new FileHandle(file, all, hooks.opened(PATH, all), TIMEOUTS);
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

describe('HandleTable', () => {
  const tableOf = (maxHandles: number): HandleTable =>
    new HandleTable(maxHandles, new SessionUploads());
  const file = (): FileHandle => handleOf(fileOf([]));
  const directory = (): DirectoryHandle =>
    new DirectoryHandle(ROOT_PATH, [], [], () => undefined, 1000);

  it('gives each handle bytes of its own, never twice', () => {
    const table = tableOf(10);
    const seen = new Set<string>();
    for (let round = 0; round < 50; round++) {
      table.reserve();
      const bytes = table.add(file());
      seen.add(bytes.toString('hex'));
      table.remove(bytes);
      expect(() => table.get(bytes)).toThrow(code('EBADF'));
    }
    expect(seen.size).toBe(50);
  });

  it('finds a handle by its bytes and its kind', () => {
    const table = tableOf(10);
    table.reserve();
    table.reserve();
    const [f, d] = [file(), directory()];
    const [fileBytes, directoryBytes] = [table.add(f), table.add(d)];
    expect(table.get(fileBytes)).toBe(f);
    expect(table.getFile(fileBytes)).toBe(f);
    expect(table.getDirectory(directoryBytes)).toBe(d);
    expect(() => table.getFile(directoryBytes)).toThrow(code('EBADF'));
    expect(() => table.getDirectory(fileBytes)).toThrow(code('EBADF'));
  });

  it.each(['', '00', '000001', '0000000001', '00000001'.repeat(64), '00000000', 'ffffffff'])(
    'knows no handle 0x%s',
    (hex) => {
      const table = tableOf(10);
      table.reserve();
      table.add(file());
      expect(() => table.get(Buffer.from(hex, 'hex'))).toThrow(code('EBADF'));
      expect(() => table.beginClose(Buffer.from(hex, 'hex'))).toThrow(code('EBADF'));
      expect(table.size).toBe(1);
    },
  );

  it('counts what is being opened against the limit', () => {
    const table = tableOf(2);
    table.reserve();
    const bytes = table.add(file());
    table.reserve();
    expect(() => table.reserve()).toThrow(code('EMFILE'));
    table.release();
    table.reserve();
    expect(() => table.reserve()).toThrow(code('EMFILE'));
    table.remove(bytes);
    table.reserve();
    expect(() => table.reserve()).toThrow(code('EMFILE'));
  });

  it('takes exactly as many as the limit', () => {
    const table = tableOf(3);
    for (let count = 0; count < 3; count++) table.reserve();
    for (let count = 0; count < 100; count++) {
      expect(() => table.reserve()).toThrow('Too many open handles; 3 are allowed');
    }
  });

  it('is busy while something is open or being opened', () => {
    const table = tableOf(2);
    expect(table.busy).toBe(false);
    table.reserve();
    expect(table.busy).toBe(true);
    table.release();
    expect(table.busy).toBe(false);
    table.reserve();
    const open = file();
    table.add(open);
    expect(table.busy).toBe(true);
    expect(table.removeAll()).toEqual([open]);
    expect(table.busy).toBe(false);
    expect(table.removeAll()).toEqual([]);
  });
});

describe('FileHandle', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('commits with close and nothing else, and is not aborted afterwards', async () => {
    const calls: string[] = [];
    const handle = handleOf(fileOf(calls));
    await handle.write(Buffer.from('x'), 0);
    await handle.commit();
    expect(await handle.abort()).toBeUndefined();
    expect(calls).toEqual(['write', 'close']);
  });

  it('aborts once', async () => {
    const calls: string[] = [];
    const handle = handleOf(fileOf(calls));
    await Promise.all([handle.abort(), handle.abort()]);
    expect(calls).toEqual(['abort']);
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new SftpError('ENOSPC');
      },
    ],
    ['rejects', () => Promise.reject(new SftpError('ENOSPC'))],
  ])('does not commit a file of which a write %s, but aborts it', async (_how, write) => {
    const calls: string[] = [];
    const handle = handleOf(fileOf(calls, { write, sync: () => undefined }));
    const failing = async (): Promise<void> => handle.write(Buffer.from('x'), 0);
    await expect(failing()).rejects.toThrow(code('ENOSPC'));
    await expect(failing()).rejects.toThrow(code('EIO'));
    expect(() => handle.sync()).toThrow(code('EIO'));
    await expect(handle.commit()).rejects.toThrow('The file is not whole');
    await handle.abort();
    expect(calls).toEqual(['abort']);
  });

  it('does not commit a file of which a sync failed', async () => {
    const calls: string[] = [];
    const sync = (): Promise<void> => Promise.reject(new Error('disk gone'));
    const handle = handleOf(fileOf(calls, { sync }));
    await expect(handle.sync()).rejects.toThrow(code('EIO'));
    await expect(handle.commit()).rejects.toThrow(code('EIO'));
    expect(calls).toEqual(['abort']);
  });

  it('passes on why a commit failed', async () => {
    const close = (): Promise<void> => Promise.reject(new SftpError('EDQUOT'));
    await expect(handleOf(fileOf([], { close })).commit()).rejects.toThrow(code('EDQUOT'));
  });

  it('returns why an abort failed instead of rejecting', async () => {
    const abort = (): void => {
      throw new Error('x');
    };
    expect(await handleOf(fileOf([], { abort })).abort()).toEqual(code('EIO'));
  });

  it.each(['read', 'write'] as const)('does not %s through a handle that may not', (what) => {
    const calls: string[] = [];
    const handle = handleOf(fileOf(calls), { [what]: false });
    expect(() => handle[what](Buffer.alloc(1), 0)).toThrow(code('EBADF'));
    expect(calls).toEqual([]);
  });

  it('does not write beyond 2^53 - 1', () => {
    const calls: string[] = [];
    const handle = handleOf(fileOf(calls));
    expect(() => handle.write(Buffer.alloc(2), Number.MAX_SAFE_INTEGER - 1)).toThrow(code('EFBIG'));
    expect(calls).toEqual([]);
  });

  it('has no sync where the file has none', async () => {
    const calls: string[] = [];
    const handle = handleOf(fileOf(calls));
    expect(() => handle.sync()).toThrow(code('ENOTSUP'));
    await handle.commit();
    expect(calls).toEqual(['close']);
  });

  it.each([NaN, -1, 0.5, 2, 2 ** 60, undefined, '1'])(
    'takes %p for no count of a read of one byte',
    async (count) => {
      const read = (): Promise<number> => Promise.resolve(count as number);
      const handle = handleOf(fileOf([], { read }));
      await expect(handle.read(Buffer.alloc(1), 0)).rejects.toThrow(TypeError);
      const sync = handleOf(fileOf([], { read: () => count as number }));
      expect(() => sync.read(Buffer.alloc(1), 0)).toThrow(TypeError);
    },
  );

  it('gives up on a call that takes too long', async () => {
    const handle = handleOf(fileOf([], { read: () => new Promise<number>(() => undefined) }));
    const read = expect(handle.read(Buffer.alloc(1), 0)).rejects.toThrow(code('ETIMEDOUT'));
    await jest.advanceTimersByTimeAsync(TIMEOUTS.request);
    await read;
  });

  it('does not abort before a write that has run out of time has ended', async () => {
    const calls: string[] = [];
    const late = deferred<undefined>();
    const handle = handleOf(fileOf(calls, { write: () => late.promise }));
    const write = expect(handle.write(Buffer.alloc(1), 0)).rejects.toThrow(code('ETIMEDOUT'));
    await jest.advanceTimersByTimeAsync(TIMEOUTS.request);
    await write;
    await expect(handle.commit()).rejects.toThrow(code('ETIMEDOUT'));
    expect(calls).toEqual([]);
    late.resolve(undefined);
    await jest.advanceTimersByTimeAsync(0);
    expect(calls).toEqual(['abort']);
  });

  it('lets an abort wait for every call that is under way', async () => {
    const calls: string[] = [];
    const reads = [deferred<number>(), deferred<number>()];
    let next = 0;
    const handle = handleOf(fileOf(calls, { read: () => reads[next++]!.promise }));
    void handle.read(Buffer.alloc(1), 0);
    void handle.read(Buffer.alloc(1), 0);
    const aborted = handle.abort();
    reads[1]?.resolve(0);
    await jest.advanceTimersByTimeAsync(0);
    expect(calls).toEqual([]);
    reads[0]?.resolve(0);
    expect(await aborted).toBeUndefined();
    expect(calls).toEqual(['abort']);
  });

  it.each(['commit', 'abort'] as const)('gives up on a %s that takes too long', async (end) => {
    const never = (): Promise<void> => new Promise(() => undefined);
    const handle = handleOf(fileOf([], { close: never, abort: never }));
    const outcome = Promise.resolve(handle[end]()).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(TIMEOUTS.close);
    expect(await outcome).toEqual(code('ETIMEDOUT'));
  });

  it('calls the file no more once it has ended', async () => {
    for (const end of ['commit', 'abort'] as const) {
      const calls: string[] = [];
      const handle = handleOf(fileOf(calls));
      await handle[end]();
      expect(() => handle.write(Buffer.alloc(1), 0)).toThrow(code('EBADF'));
      expect(() => handle.read(Buffer.alloc(1), 0)).toThrow(code('EBADF'));
      expect(calls).toEqual([end === 'commit' ? 'close' : 'abort']);
    }
  });
});

describe('withTimeLimit', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('passes a plain value straight through', () => {
    expect(withTimeLimit(7, 10, 'x')).toBe(7);
    expect(withTimeLimit(null, 10, 'x')).toBeNull();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('passes on what settles in time and leaves no timer behind', async () => {
    await expect(withTimeLimit(Promise.resolve(7), 10, 'x')).resolves.toBe(7);
    await expect(withTimeLimit(Promise.reject(new Error('no')), 10, 'x')).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends with ETIMEDOUT at the limit and not before', async () => {
    const seen = jest.fn();
    Promise.resolve(withTimeLimit(new Promise(() => undefined), 10, 'stat')).catch(seen);
    await jest.advanceTimersByTimeAsync(9);
    expect(seen).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toHaveBeenCalledWith(code('ETIMEDOUT'));
    expect(seen).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'stat took longer than 10 ms' }),
    );
  });

  it('hands over what comes too late, and only that', async () => {
    const late = jest.fn();
    const slow = deferred<string>();
    const refused = deferred<string>();
    const outcomes = [slow, refused].map(({ promise }) =>
      Promise.resolve(withTimeLimit(promise, 10, 'open', late)).catch((error: unknown) => error),
    );
    await withTimeLimit(Promise.resolve('in time'), 10, 'open', late);
    await jest.advanceTimersByTimeAsync(10);
    expect(await Promise.all(outcomes)).toEqual([code('ETIMEDOUT'), code('ETIMEDOUT')]);
    slow.resolve('file');
    refused.reject(new Error('late and wrong'));
    await jest.advanceTimersByTimeAsync(0);
    expect(late.mock.calls).toEqual([['file']]);
  });
});
