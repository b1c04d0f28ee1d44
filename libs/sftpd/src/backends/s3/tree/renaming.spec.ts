import { beforeEach, describe, expect, it } from '@jest/globals';

import { lookUp } from './look-up.js';
import { renamePath } from './renaming.js';
import { at, FakeTree } from './spec-support/fake-tree.js';

describe('renamePath', () => {
  let tree: FakeTree;

  beforeEach(() => {
    tree = new FakeTree({ f: 'content', g: 'old', 'd/.keep': '', 'd/x': 'x', 'e/.keep': '' });
  });

  const rename = (from: string, to: string, overwrite = false) =>
    renamePath(tree, tree.keys, at(from), at(to), { overwrite });

  const afterCopy = (change: () => void) => {
    tree.store.before = ({ name }) => {
      if (name === 'head' && tree.store.text('t/new') !== undefined) change();
    };
  };

  it.each([
    ['/', '/new', true, 'EBUSY'],
    ['/d', '/', true, 'EBUSY'],
    ['/d', '/', false, 'EEXIST'],
    ['/none', '/new', true, 'ENOENT'],
    ['/f', '/none/f', true, 'ENOENT'],
    ['/f', '/g/f', true, 'ENOTDIR'],
    ['/f/below', '/new', true, 'ENOTDIR'],
    ['/f', '/g', false, 'EEXIST'],
    ['/f', '/f', false, 'EEXIST'],
    ['/d', '/e', false, 'EEXIST'],
    ['/f', '/d', true, 'EISDIR'],
    ['/d', '/f', true, 'ENOTDIR'],
    ['/e', '/d', true, 'ENOTEMPTY'],
    ['/d', '/d/new', true, 'EINVAL'],
    ['/f', '/d/.keep', true, 'EACCES'],
    ['/d', '/.keep', true, 'EACCES'],
    ['/d/.keep', '/new', true, 'ENOENT'],
    ['/f', `/${'n'.repeat(256)}`, true, 'ENAMETOOLONG'],
  ])('of %s to %s with overwrite %s is %s', async (from, to, overwrite, code) => {
    const before = tree.paths;
    await expect(rename(from, to, overwrite)).rejects.toMatchObject({ code });
    expect(tree.paths).toEqual(before);
    expect(tree.store.text('t/g')).toBe('old');
  });

  it('onto its own name changes nothing', async () => {
    await rename('/f', '/f', true);
    await rename('/d', '/d', true);
    expect(tree.paths).toEqual(['d/.keep', 'd/x', 'e/.keep', 'f', 'g']);
  });

  it('copies a file and removes it', async () => {
    await rename('/f', '/e/new');
    expect(tree.store.text('t/e/new')).toBe('content');
    expect(tree.store.counts()).toEqual({ head: 3, list: 2, copy: 1, delete: 1 });
    expect(tree.paths).toEqual(['d/.keep', 'd/x', 'e/.keep', 'e/new', 'g']);
  });

  it('replaces a file, and keeps the time and everything that it was given', async () => {
    const headers = { ContentType: 'text/x' };
    tree.store.set('t/f', 'content', { metadata: { color: 'red' }, headers });
    const { modifiedAt } = await lookUp(tree, tree.keys, at('/f'));
    tree.store.now = new Date('2027-01-01T00:00:00Z');
    await rename('/f', '/g', true);
    expect(tree.store.peek('t/g')).toMatchObject({ size: 7, metadata: { color: 'red' }, headers });
    expect(await lookUp(tree, tree.keys, at('/g'))).toMatchObject({ modifiedAt });
    expect((await tree.list('/')).find(({ name }) => name === 'g')?.info).toMatchObject({
      modifiedAt,
    });
  });

  it('renames the file where a directory bears its name too', async () => {
    tree.store.set('t/f/below', 'stays');
    await rename('/f', '/f/moved');
    expect(tree.store.text('t/f/moved')).toBe('content');
    expect(tree.paths).not.toContain('f');
  });

  it('does not remove a file that was changed meanwhile', async () => {
    afterCopy(() => tree.store.set('t/f', 'changed'));
    await expect(rename('/f', '/new')).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.store.text('t/f')).toBe('changed');
    expect(tree.store.text('t/new')).toBe('content');
  });

  it('does not remove a file that was written again meanwhile with the same content', async () => {
    tree.store.now = new Date('2027-01-01T00:00:00Z');
    afterCopy(() => tree.store.set('t/f', 'content'));
    await expect(rename('/f', '/new')).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.store.text('t/f')).toBe('content');
  });

  it('does not remove a file whose copy is not what it should be', async () => {
    tree.store.copy = async (_from, to) => {
      tree.store.set(to, 'another object');
      return Promise.resolve('');
    };
    await expect(rename('/f', '/new')).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.store.text('t/f')).toBe('content');
  });

  it('is done when somebody else has removed the file meanwhile', async () => {
    afterCopy(() => tree.store.remove('t/f'));
    await rename('/f', '/new');
    expect(tree.store.text('t/new')).toBe('content');
    expect(tree.store.counts()).not.toHaveProperty('delete');
  });
});
