import { beforeEach, describe, expect, it } from '@jest/globals';

import type { DirEntry } from '../../../filesystem/file-info.js';
import { listDirectory } from './listing.js';
import { failure } from './spec-support/fake-store.js';
import { at, FakeTree } from './spec-support/fake-tree.js';

const names = (entries: readonly DirEntry[]) => entries.map(({ name }) => name).sort();

describe('listDirectory', () => {
  let tree: FakeTree;

  beforeEach(() => {
    tree = new FakeTree();
  });

  const open = (path: string) => listDirectory(tree, tree.keys, at(path));
  const fill = (count: number) => {
    const made = Array.from({ length: count }, (_, index) => `f${String(index).padStart(4, '0')}`);
    for (const name of made) tree.store.set(`t/d/${name}`);
    return made;
  };

  it('costs one request for a page of entries, and no HEAD', async () => {
    const made = fill(2500);
    expect(names(await tree.list('/d'))).toEqual(made);
    expect(tree.store.counts()).toEqual({ list: 3 });
  });

  it('asks for the second page when a quarter of the first has been taken, and for others at once', async () => {
    tree.store.pageSize = 8;
    fill(20);
    const entries = await open('/d');
    await entries.next();
    expect(tree.store.counts()).toEqual({ list: 1 });
    await entries.next();
    expect(tree.store.counts()).toEqual({ list: 1 });
    for (let count = 0; count < 6; count += 1) await entries.next();
    expect(tree.store.counts()).toEqual({});
    await entries.next();
    expect(tree.store.counts()).toEqual({ list: 1 });
    for (let count = 0; count < 20; count += 1) await entries.next();
    expect(tree.store.counts()).toEqual({});
  });

  it('asks for nothing more after return(), and gives up the page that is on its way', async () => {
    tree.store.pageSize = 4;
    fill(20);
    const entries = await open('/d');
    await entries.next();
    await entries.return?.();
    expect(await entries.next()).toEqual({ done: true, value: undefined });
    expect(tree.store.counts()).toEqual({ list: 2 });
  });

  it('passes on the failure of a later page to who waits for it', async () => {
    tree.store.pageSize = 4;
    fill(6);
    const entries = await open('/d');
    tree.store.before = () => {
      throw failure(503);
    };
    for (let count = 0; count < 4; count += 1) {
      expect(await entries.next()).toMatchObject({ done: false });
    }
    await expect(entries.next()).rejects.toMatchObject({ code: 'EIO' });
  });

  it('hides markers and names that no client could use, also where a page holds nothing else', async () => {
    tree.store.pageSize = 2;
    for (const name of ['', '.keep', '/', '/x', './x', '../x', '.', '..', 'n\0', 'last']) {
      tree.store.set(`t/d/${name}`);
    }
    expect(names(await tree.list('/d'))).toEqual(['last']);
  });

  it('shows a file with the name of a marker that has content', async () => {
    tree.store.set('t/d/.keep', 'text');
    expect(names(await tree.list('/d'))).toEqual(['.keep']);
  });

  it('lists a file and a directory of one name, and a directory once though its keys fill pages', async () => {
    tree.store.pageSize = 2;
    tree.store.set('t/k', 'file');
    for (const name of ['a', 'b', 'c']) tree.store.set(`t/k/${name}`);
    const entries = await tree.list('/');
    expect(entries.map(({ name, info }) => [name, info.type])).toEqual([
      ['k', 'regular'],
      ['k', 'directory'],
    ]);
  });

  it('lists once what a store repeats on its next page', async () => {
    fill(3);
    const { objects } = await tree.store.list({ prefix: 't/d/' });
    const pages = [
      { objects: objects.slice(0, 2), prefixes: ['t/d/g/'], next: '1' },
      { objects: objects.slice(1), prefixes: ['t/d/g/'], next: undefined },
    ];
    tree.store.list = () =>
      Promise.resolve(pages.shift() ?? { objects, prefixes: [], next: undefined });
    expect(names(await tree.list('/d'))).toEqual(['f0000', 'f0001', 'f0002', 'g']);
  });

  it('tells the time in whole seconds, as HEAD does, and the attributes that are known', async () => {
    tree.store.set('t/f', 'x');
    tree.store.set('t/g', 'yy');
    tree.tree.attributes.remember('t/g', tree.store.peek('t/g')?.etag ?? '', { mode: 0o600 });
    const modifiedAt = new Date('2026-01-02T03:04:05.000Z');
    expect(await tree.list('/')).toEqual([
      { name: 'f', info: { type: 'regular', size: 1, modifiedAt } },
      { name: 'g', info: { type: 'regular', size: 2, modifiedAt, mode: 0o600 } },
    ]);
    tree.store.set('t/g', 'new');
    expect((await tree.list('/'))[1]?.info.mode).toBeUndefined();
  });

  it('finds no entries in an empty root and in a directory that has a marker only', async () => {
    expect(await tree.list('/')).toEqual([]);
    tree.store.set('t/d/.keep');
    expect(await tree.list('/d')).toEqual([]);
  });

  it('tells at once what cannot be listed', async () => {
    tree.store.set('t/f');
    await expect(open('/none')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(open('/f')).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(open('/f/below')).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
