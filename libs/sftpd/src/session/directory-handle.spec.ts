import { describe, expect, it, jest } from '@jest/globals';

import type { DirEntry } from '../filesystem/file-info.js';
import { ROOT_PATH } from '../filesystem/path.js';
import { PacketReader } from '../protocol/packet-reader.js';
import { readAttributes } from '../protocol/attributes.js';
import { DirectoryHandle } from './directory-handle.js';

function entry(name: string): DirEntry {
  return { name, info: { type: 'regular', size: name.length } };
}

function many(count: number): DirEntry[] {
  return Array.from({ length: count }, (_, index) => entry(`file number ${index}`));
}

async function* streamed(entries: readonly DirEntry[]): AsyncGenerator<DirEntry> {
  for (const each of entries) {
    await Promise.resolve();
    yield each;
  }
}

function namesOf(page: Buffer): string[] {
  const reader = new PacketReader(page, 9);
  return Array.from({ length: reader.uint32() }, () => {
    const name = reader.text();
    reader.text();
    readAttributes(reader);
    return name;
  });
}

async function namesOfAll(handle: DirectoryHandle): Promise<string[][]> {
  const pages: string[][] = [];
  for (let page = await handle.nextPage(1); page; page = await handle.nextPage(1)) {
    expect(page.length).toBeLessThanOrEqual(32_768);
    pages.push(namesOf(page));
  }
  return pages;
}

function handleOf(
  entries: Iterable<DirEntry> | AsyncIterable<DirEntry>,
  onSkip: (name: string) => void = () => undefined,
  first: readonly DirEntry[] = [],
): DirectoryHandle {
  return new DirectoryHandle(ROOT_PATH, first, entries, onSkip, 1000);
}

describe('DirectoryHandle', () => {
  const kinds: [string, (entries: DirEntry[]) => Iterable<DirEntry> | AsyncIterable<DirEntry>][] = [
    ['an array', (entries) => entries],
    ['a set', (entries) => new Set(entries)],
    ['an async generator', streamed],
  ];

  it.each(kinds)('lists %s whole and in order, page by page', async (_what, make) => {
    const entries = many(1000);
    const pages = await namesOfAll(handleOf(make(entries), undefined, [entry('first')]));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual(['first', ...entries.map(({ name }) => name)]);
  });

  it.each(kinds)('ends at once for %s without entries, and again', async (_what, make) => {
    const handle = handleOf(make([]));
    expect(await handle.nextPage(1)).toBeUndefined();
    expect(await handle.nextPage(2)).toBeUndefined();
  });

  it('shows the entries with attributes and a line of ls -l', async () => {
    const handle = handleOf([
      {
        name: 'a',
        info: {
          type: 'symlink',
          size: 7,
          mode: 0o700,
          uid: 5,
          gid: 6,
          owner: 'ann',
          links: 2,
          modifiedAt: new Date('1999-12-31T00:00:00Z'),
        },
      },
      { name: 'b', info: { type: 'directory', size: 0 } },
    ]);
    const reader = new PacketReader((await handle.nextPage(9))!, 5);
    expect([reader.uint32(), reader.uint32(), reader.text(), reader.text()]).toEqual([
      9,
      2,
      'a',
      'lrwx------    2 ann      6               7 Dec 31  1999 a',
    ]);
    const modified = 946_598_400;
    expect(readAttributes(reader)).toEqual({
      size: 7,
      owner: { uid: 5, gid: 6 },
      permissions: 0o120700,
      times: { accessed: modified, modified },
    });
    expect([reader.text(), reader.text()]).toEqual([
      'b',
      'drwxr-xr-x    1 0        0               0 Jan  1  1970 b',
    ]);
    expect(readAttributes(reader)).toEqual({ size: 0, permissions: 0o040755 });
  });

  it('skips and tells names that no client could use, and drops the dots in silence', async () => {
    const skipped: string[] = [];
    const names = ['.', 'a', '', '..', 'b/c', 'd\0', '/', '...', 'z'];
    const handle = handleOf(names.map(entry), (name) => skipped.push(name));
    expect(await namesOfAll(handle)).toEqual([['a', '...', 'z']]);
    expect(skipped).toEqual(['', 'b/c', 'd\0', '/']);
  });

  it('takes no more of the entries than a page needs', async () => {
    let taken = 0;
    function* counted(): Generator<DirEntry> {
      for (const each of many(100_000)) {
        taken++;
        yield each;
      }
    }
    const handle = handleOf(counted());
    expect(taken).toBe(0);
    const page = await handle.nextPage(1);
    expect(taken).toBe(namesOf(page!).length + 1);
  });

  it.each(['sync', 'async'])('tells a %s listing that no more is wanted, once', async (kind) => {
    const returned = jest.fn();
    const step = { done: false, value: entry('endless '.repeat(50)) } as const;
    const done = { done: true, value: undefined } as const;
    const entries: Iterable<DirEntry> | AsyncIterable<DirEntry> =
      kind === 'sync'
        ? { [Symbol.iterator]: () => ({ next: () => step, return: () => (returned(), done) }) }
        : {
            [Symbol.asyncIterator]: () => ({
              next: async () => step,
              return: async () => (returned(), done),
            }),
          };
    const handle = handleOf(entries);
    await handle.nextPage(1);
    await handle.close();
    await handle.close();
    expect(returned).toHaveBeenCalledTimes(1);
  });

  it('does not tell a listing that has ended by itself', async () => {
    const returned = jest.fn();
    const entries = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: true, value: undefined }) as const,
        return: () => (returned(), { done: true, value: undefined } as const),
      }),
    };
    const handle = handleOf(entries);
    await handle.nextPage(1);
    await handle.close();
    expect(returned).not.toHaveBeenCalled();
  });

  it('closes whatever the end of the listing throws', async () => {
    const entries = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: entry('x'.repeat(40_000)) }) as const,
        return: (): never => {
          throw new Error('not again');
        },
      }),
    };
    const handle = handleOf(entries);
    await handle.nextPage(1);
    await expect(handle.close()).resolves.toBeUndefined();
  });

  it('refuses a page while it owes the one before', async () => {
    let release: (step: IteratorResult<DirEntry>) => void = () => undefined;
    const entries = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<DirEntry>>((resolve) => (release = resolve)),
      }),
    };
    const handle = handleOf(entries);
    const first = handle.nextPage(1);
    await expect(handle.nextPage(2)).rejects.toThrow(expect.objectContaining({ code: 'EIO' }));
    release({ done: true, value: undefined });
    expect(await first).toBeUndefined();
    expect(await handle.nextPage(3)).toBeUndefined();
  });

  it('passes on what the listing throws', async () => {
    async function* broken(): AsyncGenerator<DirEntry> {
      yield entry('a');
      throw new Error('lost');
    }
    await expect(handleOf(broken()).nextPage(1)).rejects.toThrow('lost');
  });

  it('does not end as if it were whole when it has failed', async () => {
    async function* broken(): AsyncGenerator<DirEntry> {
      yield entry('a');
      throw new Error('lost');
    }
    const handle = handleOf(broken());
    await expect(handle.nextPage(1)).rejects.toThrow('lost');
    await expect(handle.nextPage(2)).rejects.toThrow(expect.objectContaining({ code: 'EIO' }));
  });

  it('does not end as if it were whole when a page of it went to nobody', async () => {
    const handle = handleOf(many(2));
    await handle.nextPage(1);
    handle.spoil();
    await expect(handle.nextPage(2)).rejects.toThrow(expect.objectContaining({ code: 'EIO' }));
  });

  it('does not wait for ever for the end of a listing', async () => {
    const entries = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: entry('x'.repeat(40_000)) } as const),
        return: () => new Promise<never>(() => undefined),
      }),
    };
    const handle = new DirectoryHandle(ROOT_PATH, [], entries, () => undefined, 10);
    await handle.nextPage(1);
    await expect(handle.close()).resolves.toBeUndefined();
  });
});
