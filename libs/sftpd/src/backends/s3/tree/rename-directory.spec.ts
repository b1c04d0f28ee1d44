import { beforeEach, describe, expect, it } from '@jest/globals';

import { renamePath } from './renaming.js';
import { failure, type FakeRequest } from './spec-support/fake-store.js';
import { at, FakeTree } from './spec-support/fake-tree.js';

const NAMES = [
  '',
  '.keep',
  '/',
  '//x',
  '../up',
  'ctl\u0001',
  'f',
  'sub/.keep',
  'sub/f',
  '\u{1f600}',
  '\uffee',
];

describe('renaming a directory', () => {
  let tree: FakeTree;
  let moved: string[];

  beforeEach(() => {
    tree = new FakeTree(Object.fromEntries(NAMES.map((name) => [`d/${name}`, sized(name)])));
    tree.store.set('t/d-neighbour', 'stays');
    moved = below('new/');
  });

  const sized = (name: string) => (name === '' || name.endsWith('.keep') ? '' : `of ${name}`);
  const below = (prefix: string) =>
    NAMES.map((name) => prefix + name).sort((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
  const rename = (overwrite = false) =>
    renamePath(tree, tree.keys, at('/d'), at('/new'), { overwrite });
  const failOn = (name: FakeRequest['name'], count: number) => {
    let seen = 0;
    tree.store.before = (request) => {
      if (request.name === name && (seen += 1) === count) throw failure(503);
    };
  };

  for (const ownEtags of [false, true]) {
    const etags = ownEtags
      ? 'copies have ETags of their own'
      : 'copies have the ETags of their sources';

    it(`takes markers and odd keys along and touches no neighbour; ${etags}`, async () => {
      tree.store.pageSize = 3;
      tree.store.ownEtags = ownEtags;
      await rename();
      expect(tree.paths).toEqual(['d-neighbour', ...moved]);
      for (const name of NAMES) expect(tree.store.text(`t/new/${name}`)).toBe(sized(name));
    });

    it(`removes the copies when one fails, and leaves the source as it was; ${etags}`, async () => {
      tree.store.pageSize = 3;
      tree.store.ownEtags = ownEtags;
      failOn('copy', 8);
      await expect(rename()).rejects.toMatchObject({ code: 'EIO' });
      expect(tree.paths).toEqual(['d-neighbour', ...below('d/')].sort(byBytes));
    });

    it(`leaves what was changed after it was copied; ${etags}`, async () => {
      tree.store.ownEtags = ownEtags;
      let pages = 0;
      tree.store.before = ({ name, key }) => {
        if (name !== 'list' || key !== 't/d/') return;
        pages += 1;
        // The same size, and the same second.
        if (pages === 3) tree.store.set('t/d/f', 'OF f');
      };
      await expect(rename()).rejects.toMatchObject({ code: 'EIO', message: /old name/ });
      expect(tree.store.text('t/d/f')).toBe('OF f');
      expect(tree.paths).toEqual(['d-neighbour', 'd/f', ...moved].sort(byBytes));
    });
  }

  it('costs a copy for each object, and few requests beside', async () => {
    tree = new FakeTree(
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`d/${index}`, 'x'])),
    );
    await rename();
    expect(tree.store.counts()).toEqual({ head: 3, list: 6, copy: 300, deleteAll: 1 });
  });

  it('copies no more at once than it may', async () => {
    let now = 0;
    let most = 0;
    tree.store.before = async ({ name }) => {
      if (name !== 'copy') return;
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
    };
    await rename();
    expect(most).toBe(4);
  });

  it('leaves what came while it was at work', async () => {
    tree.store.before = ({ name }) => {
      if (name === 'copy') tree.store.set('t/d/!new', 'newcomer');
    };
    await expect(rename()).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.store.text('t/d/!new')).toBe('newcomer');
    expect(tree.paths).toEqual(['d-neighbour', 'd/!new', ...moved].sort(byBytes));
  });

  it('loses nothing when the removal fails in the middle', async () => {
    failOn('deleteAll', 1);
    await expect(rename()).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.paths).toEqual(expect.arrayContaining(moved));
    for (const name of NAMES) expect(tree.store.text(`t/new/${name}`)).toBe(sized(name));
  });

  it('removes one by one where the store cannot remove many, or has not removed all', async () => {
    tree.store.deleteAll = () => Promise.reject(failure(501, 'NotImplemented'));
    await rename();
    expect(tree.paths).toEqual(['d-neighbour', ...moved]);
    tree.store.deleteAll = (keys) => Promise.resolve(keys.map((key) => ({ key, reason: 'no' })));
    await renamePath(tree, tree.keys, at('/new'), at('/last'), { overwrite: false });
    expect(tree.paths).toEqual(['d-neighbour', ...below('last/')]);
  });

  it('asks for a copy that the listings do not show where it should be', async () => {
    const { list } = tree.store;
    tree.store.list = async (query, signal) => {
      const page = await list.call(tree.store, query, signal);
      return query.prefix === 't/new/' ? { ...page, objects: page.objects.toReversed() } : page;
    };
    await rename();
    expect(tree.paths).toEqual(['d-neighbour', ...moved]);
  });

  it('replaces an empty directory, which stays when that fails', async () => {
    tree.store.set('t/new/.keep');
    failOn('copy', 9);
    await expect(rename(true)).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.paths.filter((path) => path.startsWith('new/'))).toEqual(['new/.keep']);
    tree.store.before = () => undefined;
    await rename(true);
    expect(tree.paths).toEqual(['d-neighbour', ...moved]);
  });

  it('does not remove what others have written over a copy when it fails', async () => {
    tree.store.before = ({ name }) => {
      if (name !== 'copy') return;
      if (tree.store.text('t/new/f') === undefined) return;
      tree.store.set('t/new/f', 'OF f');
      throw failure(503);
    };
    await expect(rename()).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.paths.filter((path) => path.startsWith('new/'))).toEqual(['new/f']);
    expect(tree.store.text('t/new/f')).toBe('OF f');
  });

  it('fails and leaves nothing where a name would become too long', async () => {
    tree.store.set(`t/d/${'x'.repeat(1019)}`, 'x');
    await expect(rename()).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    expect(tree.paths.filter((path) => path.startsWith('new/'))).toEqual([]);
  });

  it('knows the directory at its new place, and no more at the old', async () => {
    tree.tree.directories.remember('t/d/sub/');
    tree.store.set('t/d/.keep', '', { metadata: { mode: '16832', mtime: '1000000000' } });
    await rename();
    expect(tree.tree.directories.has('t/d/sub/')).toBe(false);
    expect(tree.tree.directories.has('t/new/')).toBe(true);
    expect(tree.tree.attributes.ofDirectory('t/new/')).toEqual({
      mode: 0o700,
      modifiedAt: new Date(1e12),
    });
  });
});

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
