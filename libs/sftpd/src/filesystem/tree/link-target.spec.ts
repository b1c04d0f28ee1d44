import { beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { ContractFixture } from '../../testing/contract/fixture.js';
import { mountTree } from './mount-tree.js';
import { mount } from './spec-support/mount-at.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

describe('symbolic links in a mount', () => {
  let main: ContractFixture;
  let inbox: ContractFixture;
  let tree: ContractFixture;

  beforeEach(async () => {
    main = new ContractFixture(new MemoryBackend(), SESSION);
    inbox = new ContractFixture(new MemoryBackend(), SESSION);
    tree = new ContractFixture(
      mountTree([mount('/', main.backend), mount('/inbox', inbox.backend)]),
      SESSION,
    );
    await main.makeDir('/d');
    await inbox.makeDir('/d');
    await inbox.put('/d/f', 'of inbox');
    await main.put('/d/f', 'of main');
  });

  it.each([
    { target: '/inbox/d/f', stored: '/d/f', read: '/inbox/d/f' },
    { target: '/inbox//d/./x/../f', stored: '/d/f', read: '/inbox/d/f' },
    { target: '/x/../inbox/d/f', stored: '/d/f', read: '/inbox/d/f' },
    { target: 'd/f', stored: 'd/f', read: 'd/f' },
    { target: './/d/../d/f', stored: './/d/../d/f', read: './/d/../d/f' },
  ])('$target in /inbox is $stored to its backend', async ({ target, stored, read }) => {
    await tree.symlink('/inbox/link', target);
    expect(await inbox.readLink('/link')).toBe(stored);
    expect(await tree.readLink('/inbox/link')).toBe(read);
    await tree.assertContent('/inbox/link', 'of inbox');
  });

  it("the mount point itself is its backend's root", async () => {
    await tree.symlink('/inbox/link', '/inbox');
    expect(await inbox.readLink('/link')).toBe('/');
    expect(await tree.readLink('/inbox/link')).toBe('/inbox');
    await tree.assertContent('/inbox/link/d/f', 'of inbox');
  });

  it.each(['/d/f', '../d/f', 'nowhere', '/../d/f', 'a//b/'])(
    '%s in the mount at the root is kept as it is',
    async (target) => {
      await tree.symlink('/d/link', target);
      expect(await main.readLink('/d/link')).toBe(target);
      expect(await tree.readLink('/d/link')).toBe(target);
    },
  );

  it.each([
    ['/d/link', '/inbox/d/f'],
    ['/d/link', '/inbox'],
    ['/d/link', '../inbox/d/f'],
    ['/link', 'inbox'],
    ['/link', 'inbox/../f'],
    ['/d/link', '/x/../inbox/d'],
    ['/inbox/link', '/d/f'],
    ['/inbox/link', '/'],
    ['/inbox/link', '/inboxes/f'],
    ['/inbox/link', '../d/f'],
    ['/inbox/link', '..'],
    ['/inbox/link', '../inbox/d/f'],
    ['/inbox/d/link', '../../inbox/d/f'],
    ['/inbox/link', '/inbox/../d/f'],
  ])('a link at %s to %s leaves its mount: EXDEV', async (path, target) => {
    expect(await outcomeOf(() => tree.symlink(path, target))).toBe('EXDEV');
    await main.assertNames('/d', ['f']);
    await inbox.assertNames('/', ['d']);
  });

  it('a target that is stored already is told as a path of the tree', async () => {
    await inbox.symlink('/link', '/d/../../d/f');
    expect(await tree.readLink('/inbox/link')).toBe('/inbox/d/f');
    await inbox.symlink('/up', '../../d/f');
    expect(await tree.readLink('/inbox/up')).toBe('../../d/f');
  });
});
