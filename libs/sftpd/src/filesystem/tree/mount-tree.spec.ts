import { beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { at, ContractFixture } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import type { Mount } from './mount.js';
import { mountTree } from './mount-tree.js';
import { mount } from './spec-support/mount-at.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

function fixtureOf(backend: RandomAccessBackend): ContractFixture {
  return new ContractFixture(backend, SESSION);
}

describe('mountTree', () => {
  it('is the backend itself when that is all there is', () => {
    const backend = new MemoryBackend();
    expect(mountTree([mount('/', backend)])).toBe(backend);
    expect(mountTree([mount('/', backend, '/')])).toBe(backend);
    expect(mountTree([mount('/', backend, '/sub')])).not.toBe(backend);
    expect(mountTree([mount('/a', backend)])).not.toBe(backend);
  });

  it.each([
    ['no mounts', []],
    ['"/a/"', [['/a/']]],
    ['"a"', [['a']]],
    ['""', [['']]],
    ['"/a/../b"', [['/a/../b']]],
    ['"/a//b"', [['/a//b']]],
    ['"/a\\u0000"', [['/a\0']]],
    ['"/x/"', [['/a', '/x/']]],
    ['two mounts at /a', [['/a'], ['/b'], ['/a', '/c']]],
  ] as const)('refuses %s, and names it', (what, mounts) => {
    const backend = new MemoryBackend();
    const make = (): unknown =>
      mountTree(
        mounts.map(([path, root]) => ({
          path: path as Mount['path'],
          backend,
          ...(root !== undefined && { root: root as Mount['path'] }),
        })),
      );
    expect(make).toThrow(TypeError);
    expect(make).toThrow(what === 'no mounts' ? /at least one mount/ : what);
  });
});

describe('a tree of mounts', () => {
  let main: ContractFixture;
  let inbox: ContractFixture;
  let deep: ContractFixture;
  let tree: ContractFixture;

  beforeEach(async () => {
    [main, inbox, deep] = [0, 1, 2].map(() => fixtureOf(new MemoryBackend())) as [
      ContractFixture,
      ContractFixture,
      ContractFixture,
    ];
    tree = fixtureOf(
      mountTree([
        mount('/', main.backend),
        mount('/inbox', inbox.backend),
        mount('/way/to/deep', deep.backend),
      ]),
    );
    await main.put('/f', 'of main');
    await inbox.put('/f', 'of inbox');
    await deep.put('/f', 'of deep');
  });

  it('gives each path to the longest mount at or above it, with its own path', async () => {
    await tree.assertContent('/f', 'of main');
    await tree.assertContent('/inbox/f', 'of inbox');
    await tree.assertContent('/way/to/deep/f', 'of deep');
    await tree.makeDir('/inbox/d');
    await tree.put('/inbox/d/g', 'new');
    await inbox.assertContent('/d/g', 'new');
    await main.assertNames('/', ['f']);
  });

  it('does not mix up names that begin like a mount point', async () => {
    await tree.put('/inbox2', 'x');
    await main.assertContent('/inbox2', 'x');
    await inbox.assertNames('/', ['f']);
  });

  it('lists mount points, and the way to them, as directories', async () => {
    await tree.assertNames('/', ['f', 'inbox', 'way']);
    await tree.assertNames('/way', ['to']);
    await tree.assertNames('/way/to', ['deep']);
    await tree.assertNames('/inbox', ['f']);
    for (const { name, info } of await tree.entries('/')) {
      expect(info.type).toBe(name === 'f' ? 'regular' : 'directory');
    }
  });

  it('shows the attributes of the mounted root at its mount point', async () => {
    const when = new Date('2001-02-03T04:05:06Z');
    const changes = { mode: 0o710, accessedAt: when, modifiedAt: when };
    await inbox.setAttributes('/', changes);
    const [entry] = (await tree.entries('/')).filter(({ name }) => name === 'inbox');
    for (const info of [entry?.info, await tree.info('/inbox'), await tree.linkInfo('/inbox')]) {
      expect(info).toMatchObject({ type: 'directory', mode: 0o710, modifiedAt: when });
    }
  });

  it('sets the attributes of the mounted root at its mount point', async () => {
    await tree.setAttributes('/inbox', { mode: 0o700 });
    expect((await inbox.info('/')).mode).toBe(0o700);
    await tree.setAttributes('/', { mode: 0o711 });
    expect((await main.info('/')).mode).toBe(0o711);
  });

  it('hides what is below a mount point under the same name, and leaves it alone', async () => {
    await main.makeDir('/inbox');
    await main.put('/inbox/hidden', 'x');
    await tree.assertNames('/', ['f', 'inbox', 'way']);
    await tree.assertNames('/inbox', ['f']);
    await tree.assertMissing('/inbox/hidden');
    await tree.delete('/inbox/f');
    await main.assertContent('/inbox/hidden', 'x');
  });

  it.each([
    ['a file', (fx: ContractFixture) => fx.put('/way', 'x')],
    ['a link to a file', (fx: ContractFixture) => fx.symlink('/way', 'f')],
    ['a dangling link', (fx: ContractFixture) => fx.symlink('/way', 'nowhere')],
  ])('shows a directory on the way to a mount point where there is %s', async (_what, make) => {
    await make(main);
    expect((await tree.info('/way')).type).toBe('directory');
    expect((await tree.linkInfo('/way')).type).toBe('directory');
    await tree.assertNames('/', ['f', 'inbox', 'way']);
    await tree.assertNames('/way', ['to']);
    await tree.assertContent('/way/to/deep/f', 'of deep');
    expect(await outcomeOf(() => tree.setAttributes('/way', { size: 0 }))).toBe('EROFS');
  });

  it('joins a real directory on the way with the mount point in it', async () => {
    await main.makeDir('/way');
    await main.put('/way/g', 'beside');
    await tree.assertNames('/way', ['g', 'to']);
    await tree.put('/way/h', 'new');
    await main.assertContent('/way/h', 'new');
    await tree.setAttributes('/way', { mode: 0o750 });
    expect((await main.info('/way')).mode).toBe(0o750);
  });

  const FIXED = ['/', '/inbox', '/way', '/way/to', '/way/to/deep'];

  it.each(FIXED)('%s stays what it is, whatever is tried', async (path) => {
    await main.makeDir('/d');
    await inbox.makeDir('/d');
    const tries: readonly (readonly [string, () => unknown])[] = [
      ['EBUSY', () => tree.delDir(path)],
      ['EISDIR', () => tree.delete(path)],
      ['EEXIST', () => tree.makeDir(path)],
      ['EEXIST', () => tree.symlink(path, 'f')],
      ['EISDIR', () => tree.open(path, { read: true })],
      ['EISDIR', () => tree.open(path, { write: true, create: true, truncate: true })],
      ['EEXIST', () => tree.open(path, { write: true, create: true, exclusive: true })],
      ['EBUSY', () => tree.rename(path, '/new', false)],
      ['EBUSY', () => tree.rename(path, '/inbox/new', true)],
      ['EBUSY', () => tree.rename('/d', path, false)],
      ['EBUSY', () => tree.rename('/d', path, true)],
      ['EBUSY', () => tree.rename('/f', path, true)],
      ['EBUSY', () => tree.rename('/inbox/d', path, true)],
      ['EBUSY', () => tree.rename(path, path, true)],
      ['EPERM', () => tree.hardLink(path, '/new')],
      ['EEXIST', () => tree.hardLink('/f', path)],
      ['EISDIR', () => tree.copy(path, '/new', true)],
      ['EISDIR', () => tree.copy('/f', path, true)],
      ['EEXIST', () => tree.copy('/f', path, false)],
      ['EINVAL', () => tree.readLink(path)],
    ];
    for (const [code, attempt] of tries) {
      expect([attempt.toString(), await outcomeOf(attempt)]).toEqual([attempt.toString(), code]);
    }
    await tree.assertNames('/', ['d', 'f', 'inbox', 'way']);
    await tree.assertNames('/inbox', ['d', 'f']);
    await tree.assertNames('/way/to/deep', ['f']);
  });

  it('the same where the backend above has those directories itself', async () => {
    for (const path of ['/inbox', '/way', '/way/to', '/way/to/deep']) await main.makeDir(path);
    for (const path of FIXED.slice(1)) {
      expect(await outcomeOf(() => tree.delDir(path))).toBe('EBUSY');
      expect(await outcomeOf(() => tree.rename(path, '/new', true))).toBe('EBUSY');
    }
    await main.assertNames('/', ['f', 'inbox', 'way']);
  });

  it('renames within a mount, also directories and onto what is there', async () => {
    await tree.makeDir('/inbox/d');
    await tree.put('/inbox/d/g', 'x');
    await tree.rename('/inbox/d', '/inbox/e', false);
    await tree.assertContent('/inbox/e/g', 'x');
    await tree.rename('/inbox/e/g', '/inbox/f', true);
    await inbox.assertContent('/f', 'x');
  });

  it.each([
    ['/f', '/inbox/new'],
    ['/inbox/f', '/new'],
    ['/inbox/f', '/way/to/deep/new'],
    ['/inbox/f', '/way/to/deep/f'],
    ['/d', '/inbox/d'],
  ])('a rename or hard link across mounts is EXDEV: %s to %s', async (from, to) => {
    await main.makeDir('/d');
    expect(await outcomeOf(() => tree.rename(from, to, false))).toBe('EXDEV');
    expect(await outcomeOf(() => tree.rename(from, to, true))).toBe('EXDEV');
    expect(await outcomeOf(() => tree.hardLink(from, to))).toBe('EXDEV');
    await deep.assertContent('/f', 'of deep');
    await inbox.assertNames('/', ['f']);
  });

  it('a rename between two mounts of one backend is EXDEV too', async () => {
    const twice = fixtureOf(mountTree([mount('/one', main.backend), mount('/two', main.backend)]));
    expect(await outcomeOf(() => twice.rename('/one/f', '/two/g', true))).toBe('EXDEV');
    await twice.copy('/one/f', '/two/f', true);
    await twice.assertContent('/one/f', 'of main');
    await main.assertNames('/', ['f']);
  });

  describe('virtual directories', () => {
    for (const path of ['/way', '/way/to']) {
      it(`${path}, which no backend has, is there and read-only`, async () => {
        expect(await tree.info(path)).toMatchObject({ type: 'directory', size: 0, mode: 0o555 });
        const tries: readonly (() => unknown)[] = [
          () => tree.makeDir(`${path}/new`),
          () => tree.put(`${path}/new`, 'x'),
          () => tree.symlink(`${path}/new`, 'f'),
          () => tree.rename('/f', `${path}/new`, true),
          () => tree.hardLink('/f', `${path}/new`),
          () => tree.copy('/f', `${path}/new`, false),
          () => tree.copy('/inbox/f', `${path}/new`, true),
          () => tree.setAttributes(path, { mode: 0o777 }),
          () => tree.backend.setLinkAttributes(at(path), { mode: 0o777 }, SESSION),
        ];
        for (const attempt of tries) {
          expect([attempt.toString(), await outcomeOf(attempt)]).toEqual([
            attempt.toString(),
            'EROFS',
          ]);
        }
        await main.assertNames('/', ['f']);
      });

      it(`${path} says that it is read-only, and has no room`, async () => {
        expect(await tree.backend.statVfs(at(path), SESSION)).toMatchObject({
          totalBlocks: 0,
          freeFiles: 0,
          readOnly: true,
        });
      });
    }

    it('what is not there in them is ENOENT', async () => {
      for (const attempt of [
        () => tree.info('/way/nothing'),
        () => tree.delete('/way/nothing'),
        () => tree.delDir('/way/nothing'),
        () => tree.open('/way/nothing', { read: true }),
        () => tree.rename('/way/nothing', '/g', true),
        () => tree.makeDir('/way/nothing/d'),
        () => tree.entries('/way/nothing'),
      ]) {
        expect(await outcomeOf(attempt)).toBe('ENOENT');
      }
    });
  });

  describe('without a mount at the root', () => {
    beforeEach(() => {
      tree = fixtureOf(
        mountTree([mount('/inbox', inbox.backend), mount('/way/to/deep', deep.backend)]),
      );
    });

    it('the root is a virtual directory', async () => {
      await tree.assertNames('/', ['inbox', 'way']);
      await tree.assertNames('/way', ['to']);
      expect((await tree.info('/')).type).toBe('directory');
      expect(await tree.backend.statVfs(at('/'), SESSION)).toMatchObject({ readOnly: true });
      for (const path of ['/new', '/way/new', '/way/to/new']) {
        expect(await outcomeOf(() => tree.makeDir(path))).toBe('EROFS');
        expect(await outcomeOf(() => tree.put(path))).toBe('EROFS');
        expect(await outcomeOf(() => tree.rename('/inbox/f', path, true))).toBe('EROFS');
        expect(await outcomeOf(() => tree.copy('/inbox/f', path, true))).toBe('EROFS');
      }
      expect(await outcomeOf(() => tree.setAttributes('/', { mode: 0o777 }))).toBe('EROFS');
      expect(await outcomeOf(() => tree.delDir('/'))).toBe('EBUSY');
    });

    it('what no mount holds is ENOENT', async () => {
      for (const attempt of [
        () => tree.info('/new'),
        () => tree.entries('/new'),
        () => tree.delete('/new'),
        () => tree.open('/new', { read: true }),
        () => tree.makeDir('/new/d'),
        () => tree.put('/new/f'),
        () => tree.rename('/new', '/inbox/new', true),
        () => tree.readLink('/new'),
        () => tree.backend.statVfs(at('/new'), SESSION),
      ]) {
        expect(await outcomeOf(attempt)).toBe('ENOENT');
      }
    });
  });
});

describe('a root within a backend', () => {
  let whole: ContractFixture;
  let tree: ContractFixture;

  beforeEach(async () => {
    whole = fixtureOf(new MemoryBackend());
    for (const path of ['/users', '/users/ann', '/users/annabel', '/users/bob']) {
      await whole.makeDir(path);
    }
    await whole.put('/users/annabel/secret', 'x');
    await whole.put('/users/bob/secret', 'x');
    await whole.put('/users/ann/own', 'mine');
    tree = fixtureOf(mountTree([mount('/', whole.backend, '/users/ann')]));
  });

  it('is all that there is', async () => {
    await tree.assertNames('/', ['own']);
    await tree.put('/new', 'x');
    await whole.assertContent('/users/ann/new', 'x');
    await tree.assertMissing('/users');
    await tree.assertMissing('/bob');
  });

  it('gives hard links, which lead nowhere else, and no symbolic ones', async () => {
    await tree.hardLink('/own', '/again');
    await whole.assertContent('/users/ann/again', 'mine');
    expect(tree.backend.symlink).toBeUndefined();
    expect(tree.backend.readLink).toBeUndefined();
  });

  it('offers symbolic links beside a mount that has them, and refuses them itself', async () => {
    const both = fixtureOf(
      mountTree([mount('/home', whole.backend, '/users/ann'), mount('/all', new MemoryBackend())]),
    );
    await both.symlink('/all/link', 'target');
    for (const target of ['own', '../bob/secret', '/users/bob/secret', '/home/own']) {
      expect(await outcomeOf(() => both.symlink('/home/link', target))).toBe('ENOTSUP');
    }
    await whole.symlink('/users/ann/link', '/users/bob');
    expect(await outcomeOf(() => both.readLink('/home/link'))).toBe('ENOTSUP');
  });

  it('may be missing: it is an empty-handed directory until somebody makes it', async () => {
    const tree = fixtureOf(mountTree([mount('/', whole.backend, '/users/new')]));
    expect((await tree.info('/')).type).toBe('directory');
    expect(await outcomeOf(() => tree.entries('/'))).toBe('ENOENT');
    expect(await outcomeOf(() => tree.put('/f'))).toBe('ENOENT');
    await whole.makeDir('/users/new');
    await tree.put('/f', 'x');
    await whole.assertContent('/users/new/f', 'x');
  });
});
