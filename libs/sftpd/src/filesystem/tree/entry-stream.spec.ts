import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { at } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import type { DirEntry } from '../file-info.js';
import { SftpError } from '../sftp-error.js';
import { mountTree } from './mount-tree.js';
import { mount } from './spec-support/mount-at.js';
import { plain } from './spec-support/plain-backend.js';
import { never, outcomeOf, SESSION } from './spec-support/tree-session.js';

describe('a listing of a directory with mount points in it', () => {
  const info = { type: 'regular', size: 0 } as const;

  /** Counts what is taken of an endless listing, and whether it is told to stop. */
  class Endless implements AsyncIterableIterator<DirEntry> {
    taken = 0;
    stopped = 0;
    next(): Promise<IteratorResult<DirEntry>> {
      this.taken += 1;
      return Promise.resolve({ done: false, value: { name: `f${this.taken}`, info } });
    }
    return(): Promise<IteratorResult<DirEntry>> {
      this.stopped += 1;
      return Promise.resolve({ done: true, value: undefined });
    }
    [Symbol.asyncIterator](): this {
      return this;
    }
  }

  async function listed(
    entries: AsyncIterable<DirEntry> | Iterable<DirEntry>,
  ): Promise<AsyncIterator<DirEntry>> {
    if (!(Symbol.asyncIterator in entries)) throw new Error('Not what this tree gives');
    return entries[Symbol.asyncIterator]();
  }

  function treeOver(entries: AsyncIterable<DirEntry>): RandomAccessBackend {
    return mountTree([
      mount('/', plain(new MemoryBackend(), { listDir: () => entries })),
      mount('/inbox', new MemoryBackend()),
    ]);
  }

  it('takes no more entries than it is asked for', async () => {
    const endless = new Endless();
    const entries = await listed(await treeOver(endless).listDir(at('/'), SESSION));
    const names: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const step = await entries.next();
      if (step.done !== true) names.push(step.value.name);
    }
    expect(names).toEqual(['inbox', 'f1', 'f2', 'f3']);
    expect(endless.taken).toBe(3);
  });

  it('is stopped early, also while an entry is awaited that never comes', async () => {
    const endless = new Endless();
    const entries = await listed(await treeOver(endless).listDir(at('/'), SESSION));
    await entries.next();
    endless.next = never;
    void entries.next();
    await entries.return?.();
    expect(endless.stopped).toBe(1);
  });

  it('fails as the backend does, in the middle of it', async () => {
    const endless = new Endless();
    const entries = await listed(await treeOver(endless).listDir(at('/'), SESSION));
    await entries.next();
    endless.next = () => Promise.reject(new SftpError('EIO'));
    expect(await outcomeOf(() => entries.next())).toBe('EIO');
  });
});
