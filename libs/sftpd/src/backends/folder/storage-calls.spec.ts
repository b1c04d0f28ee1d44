import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { types } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { MEMORY_DIRECTORY } from './spec-support/scratch.js';
import { StorageCalls } from './storage-calls.js';

const { isPromise } = types;

const LARGE = 64 * 1024 + 1;

describe.each([
  { where: 'on prompt storage', parent: MEMORY_DIRECTORY, allowed: true },
  { where: 'elsewhere', parent: tmpdir(), allowed: false },
])('StorageCalls $where', ({ parent, allowed }) => {
  let directory: string;
  let calls: StorageCalls;

  beforeEach(async () => {
    directory = await mkdtemp(
      path.join(process.platform === 'linux' ? parent : tmpdir(), 'calls-'),
    );
    calls = new StorageCalls(allowed && process.platform === 'linux');
    await calls.useStorageOf(directory);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const prompt = allowed && process.platform === 'linux';
  const file = (): string => path.join(directory, 'file');
  const opened = async (content: Buffer): Promise<number> => {
    await writeFile(file(), content);
    return openSync(file(), constants.O_RDWR);
  };

  it(`${prompt ? 'does' : 'does not do'} short calls at once`, async () => {
    const fd = await opened(Buffer.from('content'));
    const stats = calls.lstat(file());
    const count = calls.read(fd, Buffer.alloc(10), 0);
    const another = calls.open(file(), constants.O_RDONLY);
    const written = calls.write(fd, Buffer.from('text'), 1, 2, 0);
    const before = [stats, count, another, written].map(isPromise);
    expect(await written).toBe(3);
    expect(await readFile(file(), 'utf8')).toBe('coextnt');
    closeSync(await another);
    await stats;
    await count;
    const closing = calls.close(fd, 10);
    expect([...before, isPromise(closing)]).toEqual(Array(5).fill(!prompt));
    await closing;
  });

  it('has another thread wait for what may take its time', async () => {
    const fd = await opened(Buffer.alloc(LARGE, 'x'));
    const target = Buffer.alloc(LARGE + 10);
    const reading = calls.read(fd, target, 0);
    expect(isPromise(reading)).toBe(true);
    expect(await reading).toBe(LARGE);
    const emptying = calls.open(file(), constants.O_RDWR | constants.O_TRUNC);
    expect(isPromise(emptying)).toBe(true);
    closeSync(await emptying);
    expect(await readFile(file())).toHaveLength(0);
    for (const before of [0, LARGE]) {
      const writing = calls.write(fd, target, before, 0, before);
      expect(isPromise(writing)).toBe(true);
      expect(await writing).toBe(target.length - before);
    }
    const closing = calls.close(fd, LARGE);
    expect(isPromise(closing)).toBe(true);
    await closing;
  });

  it.each([
    { size: 0, offset: 0, length: 10, count: 0 },
    { size: 10, offset: 0, length: 10, count: 10 },
    { size: 10, offset: 4, length: 10, count: 6 },
    { size: 10, offset: 10, length: 10, count: 0 },
    { size: 10, offset: 2 ** 40, length: 10, count: 0 },
    { size: LARGE + 5, offset: 5, length: LARGE + 10, count: LARGE },
    { size: LARGE + 5, offset: LARGE, length: LARGE, count: 5 },
  ])(
    'reads $count of $length bytes at $offset of $size',
    async ({ size, offset, length, count }) => {
      const content = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
      const fd = await opened(content);
      const target = Buffer.alloc(length, 0xff);
      expect(await calls.read(fd, target, offset)).toBe(count);
      expect(target.subarray(0, count).equals(content.subarray(offset, offset + count))).toBe(true);
      expect(target.subarray(count).every((byte) => byte === 0xff)).toBe(true);
      closeSync(fd);
    },
  );

  it('tells of what is not there', async () => {
    const missing = path.join(directory, 'missing');
    await expect(async () => calls.lstat(missing)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(async () => calls.open(missing, constants.O_RDONLY)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
