import { beforeEach, describe, expect, it } from '@jest/globals';

import { assertParent, findEntry, lookUp } from './look-up.js';
import { at, FakeTree } from './spec-support/fake-tree.js';

const META = { mode: '33152', mtime: '1000000000' };

describe('lookUp', () => {
  let tree: FakeTree;
  const look = (path: string) => lookUp(tree, tree.keys, at(path));

  beforeEach(() => {
    tree = new FakeTree({
      'd/f': 'content',
      both: 'file',
      'both/below': '',
      'e/.keep': '',
      'c/': '',
    });
  });

  it('tells of a file by one HEAD', async () => {
    expect(await look('/d/f')).toMatchObject({ type: 'regular', size: 7 });
    expect(tree.store.counts()).toEqual({ head: 1 });
  });

  it('tells the attributes that a file keeps', async () => {
    tree.store.set('t/g', 'x', { metadata: META });
    expect(await look('/g')).toEqual({
      type: 'regular',
      size: 1,
      mode: 0o600,
      modifiedAt: new Date(1_000_000_000_000),
    });
  });

  it('tells of a directory by one LIST and the HEAD of its marker', async () => {
    expect(await look('/d')).toEqual({ type: 'directory', size: 0 });
    expect(tree.store.counts()).toEqual({ head: 2, list: 1 });
  });

  it('finds a directory that has a marker only, of either kind', async () => {
    expect(await look('/e')).toMatchObject({ type: 'directory' });
    expect(await look('/c')).toMatchObject({ type: 'directory', modifiedAt: tree.store.now });
  });

  it('tells the attributes that the marker of a directory keeps', async () => {
    tree.store.set('t/e/.keep', '', { metadata: META });
    expect(await look('/e')).toMatchObject({ mode: 0o600, modifiedAt: new Date(1e12) });
  });

  it('sees the file where a file and a directory bear one name', async () => {
    expect(await look('/both')).toMatchObject({ type: 'regular', size: 4 });
  });

  it('always finds the root', async () => {
    tree = new FakeTree();
    expect(await look('/')).toEqual({ type: 'directory', size: 0 });
  });

  it('does not take a name that begins alike for a directory', async () => {
    tree.store.set('t/dir-b/x');
    await expect(look('/dir')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('tells ENOTDIR below a file, and ENOENT where there are files below it', async () => {
    await expect(look('/d/f/x')).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(look('/both/x')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('asks no more for a missing name in a directory that is known', async () => {
    await look('/d');
    tree.store.counts();
    await expect(look('/d/none')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(tree.store.counts()).toEqual({ head: 2, list: 1 });
  });

  it('hides a marker, but not a file of its name that has content', async () => {
    await expect(look('/e/.keep')).rejects.toMatchObject({ code: 'ENOENT' });
    tree.store.set('t/e/.keep', 'text');
    expect(await look('/e/.keep')).toMatchObject({ type: 'regular', size: 4 });
  });

  it('finds a file with the longest key, below which nothing can be', async () => {
    const name = 'n'.repeat(1022);
    expect(await findEntry(tree, tree.keys, at(`/${name}`))).toBeUndefined();
    await expect(look(`/${name}`)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    tree.store.set(`t/${name}`, 'x');
    expect(await look(`/${name}`)).toMatchObject({ size: 1 });
  });
});

describe('assertParent', () => {
  const tree = new FakeTree({ 'd/f': '', both: '', 'both/below': '' });
  const check = (path: string) => assertParent(tree, tree.keys, at(path));

  it('asks the store once for many uploads', async () => {
    await check('/d/one');
    await check('/d/two');
    expect(tree.store.counts()).toEqual({ list: 1 });
  });

  it('needs nothing for the root', async () => {
    await check('/one');
    expect(tree.store.counts()).toEqual({});
  });

  it('takes a directory that bears the name of a file for one', async () => {
    await expect(check('/both/x')).resolves.toBeUndefined();
  });

  it('refuses what has no directory', async () => {
    await expect(check('/none/x')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(check('/d/f/x')).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
