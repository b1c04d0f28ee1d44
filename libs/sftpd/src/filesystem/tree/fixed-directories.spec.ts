import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { at, ContractFixture } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import type { FileInfo } from '../file-info.js';
import { SftpError } from '../sftp-error.js';
import { mountTree } from './mount-tree.js';
import { mount } from './spec-support/mount-at.js';
import { plain } from './spec-support/plain-backend.js';
import { never, outcomeOf, SESSION } from './spec-support/tree-session.js';

const LOOKUP_TIMEOUT = 250;

const DEAD: Readonly<Record<string, () => Promise<FileInfo> | FileInfo>> = {
  rejects: () => Promise.reject(new Error('connection refused')),
  'throws at once': () => {
    throw new TypeError('it is broken');
  },
  'says ENOENT': () => Promise.reject(new SftpError('ENOENT')),
  'says that it is a file': () => ({ type: 'regular', size: 3 }),
  'returns nothing': () => undefined as unknown as FileInfo,
  'never answers': never,
};

describe('a mounted backend that', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** What a promise comes to when the time for a lookup goes by. */
  async function afterLookup<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(LOOKUP_TIMEOUT);
    return promise;
  }

  function treeWith(dead: RandomAccessBackend): ContractFixture {
    return new ContractFixture(
      mountTree(
        [
          mount('/', new MemoryBackend()),
          mount('/dead', dead),
          mount('/way/dead', dead),
          mount('/live', new MemoryBackend()),
        ],
        { lookupTimeout: LOOKUP_TIMEOUT },
      ),
      SESSION,
    );
  }

  describe.each(Object.entries(DEAD))('%s', (_how, fileInfo) => {
    const dead = plain(new MemoryBackend(), { fileInfo });

    it('is listed as a directory with plausible attributes, beside the others', async () => {
      const tree = treeWith(dead);
      const entries = await afterLookup(tree.entries('/'));
      expect(entries.map(({ name }) => name).sort()).toEqual(['dead', 'live', 'way']);
      for (const { info } of entries) {
        expect(info).toMatchObject({ type: 'directory', size: 0 });
        expect(info.modifiedAt).toBeInstanceOf(Date);
      }
      const [way] = await afterLookup(tree.entries('/way'));
      expect(way).toMatchObject({ name: 'dead', info: { type: 'directory', mode: 0o755 } });
    });

    it('has attributes, so that what is mounted below it can be listed', async () => {
      const tree = treeWith(dead);
      expect((await afterLookup(tree.info('/dead'))).type).toBe('directory');
      expect((await afterLookup(tree.linkInfo('/dead'))).type).toBe('directory');
    });

    it('does not keep what is mounted beside it from being used', async () => {
      const tree = treeWith(dead);
      await tree.put('/live/f', 'x');
      await tree.assertContent('/live/f', 'x');
      await tree.assertNames('/live', ['f']);
    });
  });

  it('is dead at the root keeps its own failures, and the mount points their attributes', async () => {
    const dead = plain(new MemoryBackend(), {
      fileInfo: () => Promise.reject(new SftpError('EIO')),
    });
    const tree = new ContractFixture(
      mountTree([mount('/', dead), mount('/way/live', new MemoryBackend())]),
      SESSION,
    );
    expect((await tree.info('/')).type).toBe('directory');
    expect((await tree.info('/way')).type).toBe('directory');
    await tree.put('/way/live/f', 'x');
    await tree.assertNames('/way/live', ['f']);
    expect(await outcomeOf(() => tree.entries('/'))).toBe('EIO');
    expect(await outcomeOf(() => tree.info('/other'))).toBe('EIO');
  });

  it('is asked for all mount points of a directory at once', async () => {
    const dead = plain(new MemoryBackend(), { fileInfo: never });
    const mounts = ['/a', '/b', '/c', '/d'].map((path) => mount(path, dead));
    const tree = mountTree(mounts, { lookupTimeout: LOOKUP_TIMEOUT });
    const listing = Promise.resolve(tree.listDir(at('/'), SESSION));
    expect(await afterLookup(listing)).toBeDefined();
    expect(jest.getTimerCount()).toBe(0);
  });
});
