import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { at, ContractFixture, UPLOAD } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import { mountTree } from './mount-tree.js';
import { type Permission, PERMISSIONS } from './permissions.js';
import { restricted } from './restricted.js';
import { mount } from './spec-support/mount-at.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

const SEEDS = [1, 20, 300, 4000];
const ROUNDS = 1500;

/** Numbers that are the same for the same seed. */
function randomOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Whatever a client can ask of a tree, at paths that are chosen for it; what it has read. */
function anyRequest(
  tree: ContractFixture,
  random: (bound: number) => number,
  anyPath: () => string,
): () => Promise<string> {
  const [one, two] = [anyPath(), anyPath()];
  const overwrite = random(2) === 0;
  const backend: RandomAccessBackend = tree.backend;
  const requests: readonly (() => unknown)[] = [
    () => tree.get(one),
    () => tree.put(one, 'MINE'),
    async () => {
      const file = await tree.open(one, { read: true, write: true, create: true });
      const target = Buffer.alloc(16);
      const count = await outcomeOf(() => file.read(target, 0));
      await tree.close(file);
      return count === 'ok' ? target : '';
    },
    async () => tree.close(await tree.open(one, { ...UPLOAD, exclusive: overwrite })),
    async () => tree.close(await tree.open(one, { write: true, append: true })),
    () => tree.makeDir(one),
    () => tree.delDir(one),
    () => tree.delete(one),
    () => tree.rename(one, two, overwrite),
    () => tree.copy(one, two, overwrite),
    () => backend.hardLink?.(at(one), at(two), SESSION),
    () => backend.symlink?.(at(one), two, SESSION),
    () => backend.symlink?.(at(one), `..${two}`, SESSION),
    () => backend.readLink?.(at(one), SESSION),
    () => tree.setAttributes(one, { size: 1, mode: 0o777 }),
    async () => (await tree.entries(one)).map(({ name }) => name).join(' '),
  ];
  const request = requests[random(requests.length)];
  return async () => {
    try {
      const told = await request?.();
      return typeof told === 'string' || Buffer.isBuffer(told) ? told.toString() : '';
    } catch {
      return '';
    }
  };
}

/** Path, kind, mode and content of all that is below a directory. */
async function everythingIn(storage: ContractFixture, top: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name, info } of await storage.entries(top)) {
    const path = `${top === '/' ? '' : top}/${name}`;
    const content = info.type === 'regular' ? (await storage.get(path)).toString() : '';
    found.push(`${path} ${info.type} ${String(info.mode)} ${content}`);
    if (info.type === 'directory') found.push(...(await everythingIn(storage, path)));
  }
  return found.sort();
}

describe.each(SEEDS)('requests at random (seed %i)', (seed) => {
  it('do not leave the root of a mount', async () => {
    const random = randomOf(seed);
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    for (const path of ['/users', '/users/ann', '/users/ann2', '/users/ann/d', '/d']) {
      await storage.makeDir(path);
    }
    await storage.put('/users/ann2/secret', 'OUTSIDE');
    await storage.put('/d/secret', 'OUTSIDE');
    await storage.put('/secret', 'OUTSIDE');
    const outside = async (): Promise<string[]> =>
      (await everythingIn(storage, '/')).filter((line) => !line.startsWith('/users/ann/'));
    const before = await outside();

    const tree = new ContractFixture(
      mountTree([
        mount('/', storage.backend, '/users/ann'),
        mount('/side', new MemoryBackend()),
        mount('/d/deep', new MemoryBackend()),
      ]),
      SESSION,
    );
    const segments = ['..', '.', '', 'd', 'deep', 'side', 'users', 'ann', 'ann2', 'secret', 'new'];
    const anyPath = (): string => {
      const taken = Array.from({ length: 1 + random(4) }, () => segments[random(segments.length)]);
      return `/${taken.join('/')}`;
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      expect(await anyRequest(tree, random, anyPath)()).not.toContain('OUTSIDE');
    }
    expect(await outside()).toEqual(before);
    expect((await tree.info('/side')).type).toBe('directory');
    const names = (await tree.entries('/')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['side', 'd']));
  });

  it('come to no permission that is not held', async () => {
    const random = randomOf(seed);
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    const all = [...PERMISSIONS];
    const without = (...left: Permission[]): Permission[] =>
      all.filter((permission) => !left.includes(permission));
    const rules: Readonly<Record<string, Permission[]>> = {
      '/': ['list'],
      '/all': all,
      '/blind': without('read'),
      '/blind/open': all,
      '/fixed': without('write', 'overwrite', 'delete', 'rename'),
      '/fixed/drop': ['create', 'rename'],
      '/hidden': [],
      '/shown': ['list', 'read', 'rename'],
    };
    const directories = Object.keys(rules).filter((path) => path !== '/');
    for (const directory of directories) {
      await storage.makeDir(directory);
      const secret = rules[directory]?.includes('read') === true ? 'KNOWN' : 'SECRET';
      for (const name of ['f', 'g']) await storage.put(`${directory}/${name}`, secret);
      await storage.makeDir(`${directory}/d`);
      await storage.put(`${directory}/d/f`, secret);
    }
    const kept = async (): Promise<string[]> =>
      (await everythingIn(storage, '/')).filter(
        (line) => line.startsWith('/hidden') || /^\/fixed\/([fg]|d\/f) /.test(line),
      );
    const before = await kept();

    const tree = new ContractFixture(restricted(storage.backend, rules), SESSION);
    const names = ['f', 'g', 'd', 'd/f', 'd/g', 'new', '..', '../all', '.'];
    const anyPath = (): string =>
      `${directories[random(directories.length)]}/${names[random(names.length)]}`;
    for (let round = 0; round < ROUNDS; round += 1) {
      expect(await anyRequest(tree, random, anyPath)()).not.toContain('SECRET');
    }
    expect(await kept()).toEqual(before);
    for (const directory of directories) {
      expect((await storage.info(directory)).type).toBe('directory');
    }
  });
});
