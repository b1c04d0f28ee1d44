import { beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { at, ContractFixture, UPLOAD } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import {
  type Permission,
  type PermissionRules,
  PERMISSIONS,
  readOnlyRules,
} from './permissions.js';
import { restricted } from './restricted.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

/** A backend that fails a test by being asked anything. */
const UNTOUCHABLE = new Proxy(new MemoryBackend(), {
  get: (memory, name) => {
    if (!(name in memory)) return undefined;
    return name === 'supportsSync'
      ? true
      : () => {
          throw new Error(`${String(name)} was asked`);
        };
  },
}) as RandomAccessBackend;

describe('a restricted tree', () => {
  let storage: ContractFixture;

  beforeEach(async () => {
    storage = new ContractFixture(new MemoryBackend(), SESSION);
    for (const path of ['/in', '/out', '/out/sub', '/secret', '/way', '/way/to', '/way/to/it']) {
      await storage.makeDir(path);
    }
    for (const path of ['/f', '/in/f', '/out/f', '/out/sub/f', '/secret/f', '/way/f']) {
      await storage.put(path, `of ${path}`);
    }
    await storage.put('/way/to/it/f', 'there');
  });

  function treeOf(rules: PermissionRules): ContractFixture {
    return new ContractFixture(restricted(storage.backend, rules), SESSION);
  }

  /** What every operation needs where nothing but it is wanted. */
  const NEEDS: readonly (readonly [string, Permission, (fx: ContractFixture) => unknown])[] = [
    ['OPENDIR', 'list', (fx) => fx.entries('/in')],
    ['READLINK', 'list', (fx) => fx.readLink('/in/link')],
    ['OPEN to read', 'read', (fx) => fx.get('/in/f')],
    ['OPEN to append', 'write', (fx) => fx.open('/in/f', { write: true, append: true })],
    ['OPEN to resume', 'write', (fx) => fx.open('/in/f', { write: true })],
    ['SETSTAT', 'write', (fx) => fx.setAttributes('/in/f', { mode: 0o600 })],
    ['SETSTAT of a size', 'write', (fx) => fx.setAttributes('/in/f', { size: 0 })],
    [
      'lsetstat',
      'write',
      (fx) => fx.backend.setLinkAttributes(at('/in/f'), { mode: 0o600 }, SESSION),
    ],
    ['OPEN to replace', 'overwrite', (fx) => fx.open('/in/f', { write: true, truncate: true })],
    ['OPEN to make', 'create', (fx) => fx.open('/in/new', { ...UPLOAD, exclusive: true })],
    ['MKDIR', 'create', (fx) => fx.makeDir('/in/new')],
    ['REMOVE', 'delete', (fx) => fx.delete('/in/f')],
    ['RMDIR', 'delete', (fx) => fx.delDir('/in/d')],
    ['RENAME', 'rename', (fx) => fx.rename('/in/f', '/in/g', false)],
    ['posix-rename to a free name', 'rename', (fx) => fx.rename('/in/d', '/in/e', true)],
  ];

  it.each(NEEDS)('%s needs %s and nothing else', async (_request, needed, attempt) => {
    await storage.makeDir('/in/d');
    await storage.symlink('/in/link', 'f');
    const others = PERMISSIONS.filter((permission) => permission !== needed);
    const denied = restricted(UNTOUCHABLE, { '/in': others, '/other': PERMISSIONS });
    expect(await outcomeOf(() => attempt(new ContractFixture(denied, SESSION)))).toBe('EACCES');
    const without = treeOf({ '/in': others, '/other': PERMISSIONS });
    expect(await outcomeOf(() => attempt(without))).toBe('EACCES');
    expect(await outcomeOf(() => attempt(treeOf({ '/in': [needed] })))).toBe('ok');
  });

  it('asks nothing of the storage where nothing is allowed, whatever is there', async () => {
    const tree = new ContractFixture(
      restricted(UNTOUCHABLE, { '/in': PERMISSIONS, '/in/not': [] }),
      SESSION,
    );
    for (const path of ['/secret', '/secret/f', '/f', '/inn', '/in/not', '/in/not/even/this']) {
      for (const attempt of [
        () => tree.info(path),
        () => tree.linkInfo(path),
        () => tree.entries(path),
        () => tree.open(path, { read: true }),
        () => tree.open(path, UPLOAD),
        () => tree.open(path, { ...UPLOAD, exclusive: true }),
        () => tree.makeDir(path),
        () => tree.delDir(path),
        () => tree.delete(path),
        () => tree.rename(path, '/in/f', true),
        () => tree.rename('/in/f', path, true),
        () => tree.setAttributes(path, { mode: 0o777 }),
        () => tree.backend.setLinkAttributes(at(path), { mode: 0o777 }, SESSION),
        () => tree.readLink(path),
        () => tree.copy(path, '/in/g', true),
        () => tree.copy('/in/f', path, true),
        () => tree.backend.statVfs(at(path), SESSION),
      ]) {
        expect(`${path} ${attempt.toString()} ${await outcomeOf(attempt)}`).toMatch(/ EACCES$/);
      }
    }
  });

  describe('listings', () => {
    it('leave out what nothing is allowed at', async () => {
      const tree = treeOf({ '/': ['list'], '/secret': [], '/way': [], '/way/to/it': ['read'] });
      await tree.assertNames('/', ['f', 'in', 'out', 'way']);
    });

    it('show of a directory without list the way to what is allowed', async () => {
      const tree = treeOf({ '/way/to/it': ['list'], '/in': ['create'], '/gone': ['list'] });
      await tree.assertNames('/', ['in', 'way']);
      await tree.assertNames('/way', ['to']);
      await tree.assertNames('/way/to', ['it']);
      await tree.assertNames('/way/to/it', ['f']);
      expect((await tree.info('/way')).type).toBe('directory');
      expect(await outcomeOf(() => tree.entries('/in'))).toBe('EACCES');
      expect(await outcomeOf(() => tree.info('/way/f'))).toBe('EACCES');
      for (const change of [
        () => tree.makeDir('/way/new'),
        () => tree.delDir('/way'),
        () => tree.setAttributes('/way', { mode: 0 }),
        () => tree.rename('/way', '/in/way', true),
      ]) {
        expect(await outcomeOf(change)).toBe('EACCES');
      }
    });

    it('of a way that is not there, or is a file, fail as any', async () => {
      const tree = treeOf({ '/gone/to/it': ['list'], '/f/below': ['list'] });
      expect(await outcomeOf(() => tree.entries('/gone'))).toBe('ENOENT');
      expect(await outcomeOf(() => tree.entries('/f'))).toBe('ENOTDIR');
    });

    it('are passed on as they come where no other rule stands below', async () => {
      const tree = treeOf({ '/': [], '/out': ['list'] });
      await tree.assertNames('/out', ['f', 'sub']);
    });
  });

  describe('renames', () => {
    it('need it at both ends', async () => {
      const tree = treeOf({ '/in': ['list', 'rename'], '/out': ['list'] });
      expect(await outcomeOf(() => tree.rename('/in/f', '/out/g', false))).toBe('EACCES');
      expect(await outcomeOf(() => tree.rename('/out/f', '/in/g', false))).toBe('EACCES');
    });

    it('replace nothing without overwrite at the target', async () => {
      const tree = treeOf({ '/in': PERMISSIONS, '/out': ['rename', 'create', 'write'] });
      expect(await outcomeOf(() => tree.rename('/in/f', '/out/f', true))).toBe('EACCES');
      expect(await outcomeOf(() => tree.rename('/in/f', '/out/f', false))).toBe('EEXIST');
      await storage.assertContent('/out/f', 'of /out/f');
      await tree.rename('/in/f', '/out/free', true);
      await storage.assertContent('/out/free', 'of /in/f');
    });

    it('replace with it', async () => {
      const tree = treeOf({ '/out': ['rename', 'overwrite'] });
      await tree.rename('/out/f', '/out/sub/f', true);
      await storage.assertContent('/out/sub/f', 'of /out/f');
    });

    it.each(PERMISSIONS.filter((permission) => permission !== 'rename'))(
      'do not give %s to what moves',
      async (permission) => {
        const source = PERMISSIONS.filter((held) => held !== permission);
        const tree = treeOf({ '/in': source, '/out': ['rename', permission] });
        for (const overwrite of [true, false]) {
          const moved = outcomeOf(() => tree.rename('/in/f', '/out/g', overwrite));
          expect(await moved).toBe('EACCES');
        }
        await storage.assertNames('/in', ['f']);
        const back = treeOf({ '/in': source, '/out': PERMISSIONS });
        await back.rename('/out/f', '/in/g', false);
      },
    );

    it('do not move rules away from, or onto, what they are meant for', async () => {
      const tree = treeOf({ '/': PERMISSIONS, '/out/sub': ['list'], '/new/secret': PERMISSIONS });
      for (const [from, to] of [
        ['/out', '/elsewhere'],
        ['/out', '/in/out'],
        ['/in', '/out'],
        ['/in', '/new'],
        ['/', '/in/root'],
      ] as const) {
        expect(await outcomeOf(() => tree.rename(from, to, true))).toBe('EACCES');
      }
      for (const path of ['/out', '/new', '/']) {
        expect(await outcomeOf(() => tree.delDir(path))).toBe('EACCES');
        expect(await outcomeOf(() => tree.delete(path))).toBe('EACCES');
      }
      await tree.rename('/in', '/moved', false);
      await storage.assertContent('/moved/f', 'of /in/f');
    });
  });

  describe('copies', () => {
    it('need read here and create there', async () => {
      const rules = { '/in': ['list', 'create'], '/out': ['list', 'read'] } as const;
      const tree = treeOf(rules);
      await tree.copy('/out/f', '/in/g', false);
      await storage.assertContent('/in/g', 'of /out/f');
      expect(await outcomeOf(() => tree.copy('/in/f', '/in/h', false))).toBe('EACCES');
      expect(await outcomeOf(() => tree.copy('/out/f', '/out/h', false))).toBe('EACCES');
    });

    it('replace nothing without overwrite, not even by a race', async () => {
      const tree = treeOf({ '/in': ['list', 'create'], '/out': ['read'] });
      expect(await outcomeOf(() => tree.copy('/out/f', '/in/f', true))).toBe('EACCES');
      expect(await outcomeOf(() => tree.copy('/out/f', '/in/f', false))).toBe('EEXIST');
      await storage.assertContent('/in/f', 'of /in/f');
      const replacing = treeOf({ '/in': ['create', 'overwrite'], '/out': ['read'] });
      await replacing.copy('/out/f', '/in/f', true);
      await storage.assertContent('/in/f', 'of /out/f');
    });

    it('are given the signal', async () => {
      const { signal } = new AbortController();
      const given: unknown[] = [];
      const backend = {
        ...restricted(storage.backend, { '/': ['create', 'read'] }),
        copy: (...args: unknown[]) => void given.push(args[2]),
      };
      const tree = restricted(backend, { '/': ['create', 'read'] });
      await tree.copy?.(at('/f'), at('/g'), { overwrite: true, signal }, SESSION);
      expect(given).toEqual([{ overwrite: false, signal }]);
    });
  });

  it('tells attributes wherever anything is allowed', async () => {
    for (const permission of PERMISSIONS) {
      const tree = treeOf({ '/in': [permission] });
      expect((await tree.info('/in/f')).size).toBe(8);
      expect((await tree.linkInfo('/in')).type).toBe('directory');
      expect((await tree.info('/')).type).toBe('directory');
      expect(await outcomeOf(() => tree.info('/in/nothing'))).toBe('ENOENT');
    }
  });

  it('is read-only to statvfs where nothing can be changed', async () => {
    const tree = treeOf({ '/': ['list', 'read'], '/in': ['create'] });
    const readOnly = async (path: string): Promise<boolean | undefined> =>
      (await tree.backend.statVfs(at(path), SESSION)).readOnly;
    expect(await readOnly('/')).toBe(true);
    expect(await readOnly('/out/f')).toBe(true);
    expect(await readOnly('/in')).not.toBe(true);
  });

  it('by readOnlyRules can be listed and read', async () => {
    const tree = treeOf(readOnlyRules);
    await tree.assertNames('/out', ['f', 'sub']);
    await tree.assertContent('/out/sub/f', 'of /out/sub/f');
    for (const change of [
      () => tree.put('/f', 'x'),
      () => tree.put('/new', 'x'),
      () => tree.makeDir('/d'),
      () => tree.delete('/f'),
      () => tree.rename('/f', '/g', true),
      () => tree.setAttributes('/f', { mode: 0 }),
    ]) {
      expect(await outcomeOf(change)).toBe('EACCES');
    }
  });
});
