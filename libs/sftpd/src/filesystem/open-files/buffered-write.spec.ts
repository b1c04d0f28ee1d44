import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { OpenFile, OpenFlags } from '../open-file.js';
import { SftpError } from '../sftp-error.js';
import type { OpenFileOptions } from './open-file-options.js';
import { OpenFileStrategies } from './open-file-strategies.js';
import {
  dice,
  gate,
  type ProbedMethod,
  ProbeStorage,
  settled,
} from './spec-support/probe-storage.js';

const STREAMING: readonly ProbedMethod[] = ['readFileRange', 'beginWrite'];
const WHOLE: readonly ProbedMethod[] = ['readFile', 'writeFile'];
const MIXED: readonly ProbedMethod[] = ['readFileRange', 'writeFile'];
const LEVELS = [
  { level: 'streaming', methods: STREAMING },
  { level: 'whole file', methods: WHOLE },
  { level: 'ranges and whole writes', methods: MIXED },
];
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

describe.each(LEVELS)('a file that is changed, $level', ({ methods }) => {
  it('is not stored when nothing has changed', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    const file = await open(methods, { write: true, create: true });
    await file.write(Buffer.alloc(0), 3);
    await file.setAttributes?.({ size: 5 });
    await file.close();
    expect(storage.calls).toEqual([]);
  });

  it('keeps what was not written, and everything is stored at the close only', async () => {
    storage.files.set('/f', Buffer.from('hello world'));
    const file = await open(methods, { write: true });
    await file.write(Buffer.from('J'), 0);
    await file.write(Buffer.from('!'), 12);
    expect(contentOf()).toBe('hello world');
    expect(await file.stat()).toMatchObject({ type: 'regular', size: 13, mode: 0o604 });
    await file.close();
    expect(contentOf()).toBe('Jello world\0!');
    expect(storage.made).toEqual([{ exclusive: false, mode: 0o604 }]);
  });

  it('appends to what is there when the first byte comes', async () => {
    storage.files.set('/f', Buffer.from('one,'));
    const file = await open(methods, { write: true, append: true });
    storage.files.set('/f', Buffer.from('one,two,'));
    await file.write(Buffer.from('three'), 0);
    await file.close();
    expect(contentOf()).toBe('one,two,three');
  });

  it('shows its own unfinished work to its reads', async () => {
    storage.files.set('/f', Buffer.from('hello world'));
    const file = await open(methods, { read: true, write: true });
    await file.write(Buffer.from('J'), 0);
    expect(await read(file, 0, 100)).toBe('Jello world');
    await file.setAttributes?.({ size: 2 });
    await file.setAttributes?.({ size: 4 });
    expect(await read(file, 0, 100)).toBe('Je\0\0');
    await file.close();
    expect(contentOf()).toBe('Je\0\0');
  });

  it('need not be fetched where it is written over and cut, as scp does', async () => {
    storage.files.set('/f', Buffer.alloc(100_000, 'old'));
    const file = await open(methods, { write: true, create: true });
    await file.write(Buffer.from('new '), 0);
    await file.write(Buffer.from('content'), 4);
    await file.setAttributes?.({ size: 11 });
    await file.close();
    expect(contentOf()).toBe('new content');
    expect([...storage.callsOf('readFileRange'), ...storage.callsOf('readFile')]).toEqual([]);
  });

  it('is refused at the close, not filled with zeros, when the storage has cut it meanwhile', async () => {
    storage.files.set('/f', Buffer.from('hello world'));
    const file = await open(methods, { write: true });
    await file.write(Buffer.from('J'), 0);
    storage.files.set('/f', Buffer.from('hel'));
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(contentOf()).toBe('hel');
  });

  it('stays as it was after an abort', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    const file = await open(methods, { read: true, write: true });
    await file.write(Buffer.from('J'), 0);
    await file.abort();
    expect(contentOf()).toBe('hello');
    await expect(file.close()).rejects.toMatchObject({ code: 'EBADF' });
    expect([...storage.callsOf('beginWrite'), ...storage.callsOf('writeFile')]).toEqual([]);
  });

  it('is not stored after a write that failed', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    const file = await open(methods, { write: true }, { maxTemporaryBytes: 3 });
    await file.write(Buffer.from('J'), 0);
    await expect(file.write(Buffer.from('abcd'), 0)).rejects.toBeInstanceOf(SftpError);
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(contentOf()).toBe('hello');
  });

  it('tells at the close that it could not be read', async () => {
    storage.files.set('/f', Buffer.from('hello'));
    const file = await open(methods, { write: true });
    await file.write(Buffer.from('J'), 0);
    storage.before = () => {
      throw new SftpError('EACCES');
    };
    await expect(file.close()).rejects.toMatchObject({ code: 'EACCES' });
    expect(contentOf()).toBe('hello');
  });

  it('tells at the close that it could not be stored', async () => {
    const file = await open(methods, { read: true, ...UPLOAD });
    await file.write(Buffer.from('x'), 0);
    storage.before = (call) => {
      if (call !== 'abort') throw new SftpError('EDQUOT');
    };
    await expect(file.close()).rejects.toMatchObject({ code: 'EDQUOT' });
    expect(storage.callsOf('finish')).toEqual([]);
  });

  it('does not allocate what a sparse write skips', async () => {
    const file = await open(methods, { read: true, ...UPLOAD });
    await expect(file.write(Buffer.from('x'), 2 ** 50)).rejects.toMatchObject({ code: 'EFBIG' });
    await file.abort();
  });

  const SEED = 8_128;

  it(`is what a buffer would be after writes, cuts and reads at random (seed ${SEED})`, async () => {
    const random = dice(SEED);
    for (let round = 0; round < 8; round += 1) {
      let expected = Buffer.from(Array.from({ length: random(5000) }, () => random(256)));
      storage.files.set('/f', expected);
      const file = await open(methods, { read: true, write: true });
      for (let step = 0; step < 60; step += 1) {
        const offset = random(6000);
        const action = random(4);
        if (action === 0) {
          expect(await read(file, offset, 700)).toBe(
            expected.toString('latin1', offset, offset + 700),
          );
        } else if (action === 1) {
          await file.setAttributes?.({ size: offset });
          expected = resized(expected, offset);
        } else {
          const data = Buffer.from(Array.from({ length: 1 + random(900) }, () => random(256)));
          await file.write(data, offset);
          expected = resized(expected, Math.max(expected.length, offset + data.length));
          data.copy(expected, offset);
        }
        expect((await file.stat()).size).toBe(expected.length);
      }
      await file.close();
      expect(storage.files.get('/f')!.equals(expected)).toBe(true);
    }
  });
});

describe('a large existing file', () => {
  const MIB = 1024 * 1024;

  it('is fetched and stored in blocks', async () => {
    const content = Buffer.alloc(3 * MIB + 5, 'abcdefg');
    storage.files.set('/f', content);
    const file = await open(STREAMING, { write: true, append: true });
    await file.write(Buffer.from('!'), 0);
    await file.close();
    expect(storage.callsOf('readFileRange')).toEqual([
      `readFileRange 0+${MIB}`,
      `readFileRange ${MIB}+${MIB}`,
      `readFileRange ${2 * MIB}+${MIB}`,
      `readFileRange ${3 * MIB}+5`,
    ]);
    for (const call of storage.callsOf('write')) {
      expect(Number(call.split('+')[1])).toBeLessThanOrEqual(256 * 1024);
    }
    expect(storage.files.get('/f')!.equals(Buffer.concat([content, Buffer.from('!')]))).toBe(true);
  });

  it('is fetched where it is read only', async () => {
    storage.files.set('/f', Buffer.alloc(8 * MIB));
    const file = await open(STREAMING, { read: true, write: true });
    await Promise.all(
      [0, 1000, 2000].map(async (at) => file.read(Buffer.alloc(1000), 4 * MIB + at)),
    );
    expect(storage.calls).toEqual([`readFileRange ${4 * MIB}+${MIB}`]);
    await file.close();
    expect(storage.calls.length).toBe(1);
  });
});

describe('a whole file', () => {
  const options = { maxWholeFileBytes: 1000 };

  it('is refused by the WRITE that makes it too long', async () => {
    const file = await open(WHOLE, UPLOAD, options);
    await file.write(Buffer.alloc(1000), 0);
    await expect(file.write(Buffer.alloc(1), 1000)).rejects.toMatchObject({ code: 'EFBIG' });
    await file.abort();
    expect(storage.calls).toEqual([]);
  });

  it('is refused by the size that makes it too long', async () => {
    const file = await open(WHOLE, UPLOAD, options);
    await expect(file.setAttributes?.({ size: 1001 })).rejects.toMatchObject({ code: 'EFBIG' });
    await file.setAttributes?.({ size: 1000 });
    await file.close();
    expect(storage.calls).toEqual(['writeFile 1000']);
  });

  it('that is there and too long cannot be changed but by cutting it', async () => {
    storage.files.set('/f', Buffer.alloc(2000, 'x'));
    const file = await open(WHOLE, { write: true }, options);
    await file.write(Buffer.from('y'), 0);
    await expect(file.close()).rejects.toMatchObject({ code: 'EFBIG' });
    expect(storage.calls).toEqual([]);
  });

  it('waits for its turn while others take the memory', async () => {
    const limits = { maxWholeFileBytes: 1000, maxWholeFileMemoryBytes: 1500 };
    const strategies = new OpenFileStrategies({ ...limits, temporaryDirectory });
    const { opened, open: release } = gate();
    storage.before = () => opened;
    const closes: Promise<void>[] = [];
    for (const name of ['/a', '/b', '/c']) {
      const file = await storage.open(WHOLE, name, UPLOAD, strategies);
      await file.write(Buffer.alloc(700), 0);
      closes.push(Promise.resolve(file.close()));
    }
    while (storage.calls.length < 2) await settled();
    expect(storage.calls).toEqual(['writeFile 700', 'writeFile 700']);
    release();
    await Promise.all(closes);
    expect(storage.calls.length).toBe(3);
  });
});

describe('uploads that may be rewritten', () => {
  it('are gathered and streamed at the close', async () => {
    const file = await open(STREAMING, UPLOAD, { rewrites: 'spool' });
    await file.write(Buffer.from('hello'), 0);
    await file.write(Buffer.from('J'), 0);
    expect(storage.calls).toEqual([]);
    await file.close();
    expect(storage.calls).toEqual(['beginWrite', 'write 0+5', 'finish']);
    expect(contentOf()).toBe('Jello');
  });

  it('are aborted once when the backend fails in the middle', async () => {
    const file = await open(STREAMING, UPLOAD, { rewrites: 'spool' });
    await file.write(Buffer.alloc(600_000), 0);
    storage.before = (call) => {
      if (call.startsWith('write 262144')) throw new SftpError('ENOSPC');
    };
    await expect(file.close()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(storage.calls.slice(-2)).toEqual(['write 262144+262144', 'abort']);
  });
});

function open(
  methods: readonly ProbedMethod[],
  flags: Partial<OpenFlags>,
  options: OpenFileOptions = {},
): Promise<OpenFile> {
  return storage.open(methods, '/f', flags, { temporaryDirectory, ...options });
}

async function read(file: OpenFile, offset: number, length: number): Promise<string> {
  const target = Buffer.alloc(length);
  const count = await file.read(target, offset);
  return target.toString('latin1', 0, count);
}

function contentOf(): string | undefined {
  return storage.files.get('/f')?.toString('latin1');
}

function resized(content: Buffer, size: number): Buffer<ArrayBuffer> {
  const result = Buffer.alloc(size);
  content.copy(result);
  return result;
}
