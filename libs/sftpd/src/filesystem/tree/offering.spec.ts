import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { at, ContractFixture } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import { SftpError } from '../sftp-error.js';
import { mountTree } from './mount-tree.js';
import { mount } from './spec-support/mount-at.js';
import { plain } from './spec-support/plain-backend.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

describe('what a tree of mounts offers', () => {
  const offered = (backend: RandomAccessBackend): string[] =>
    ['linkInfo', 'setAttributes', 'setLinkAttributes', 'symlink', 'readLink', 'hardLink']
      .concat(['statVfs', 'copy', 'ownerNames'])
      .filter((name) => name in backend);

  it('is what one of its backends can serve, and copies', () => {
    expect(
      offered(
        mountTree([
          mount('/a', plain(new MemoryBackend())),
          mount('/b', plain(new MemoryBackend())),
        ]),
      ),
    ).toEqual(['copy']);
    const mixed = mountTree([
      mount('/a', plain(new MemoryBackend())),
      mount('/b', new MemoryBackend()),
    ]);
    expect(offered(mixed)).toHaveLength(9);
    const rooted = mountTree([
      mount('/a', plain(new MemoryBackend())),
      mount('/b', new MemoryBackend(), '/sub'),
    ]);
    expect(offered(rooted)).not.toContain('symlink');
    expect(offered(rooted)).not.toContain('readLink');
  });

  it('is ENOTSUP where the backend at the path has it not', async () => {
    const tree = new ContractFixture(
      mountTree([mount('/a', plain(new MemoryBackend())), mount('/b', new MemoryBackend())]),
      SESSION,
    );
    await tree.put('/a/f', 'hello');
    for (const attempt of [
      () => tree.setAttributes('/a/f', { mode: 0o600 }),
      () => tree.setAttributes('/a', { mode: 0o600 }),
      () => tree.backend.setLinkAttributes(at('/a/f'), { mode: 0o600 }, SESSION),
      () => tree.symlink('/a/link', 'f'),
      () => tree.readLink('/a/f'),
      () => tree.hardLink('/a/f', '/a/g'),
      () => tree.backend.statVfs(at('/a/f'), SESSION),
    ]) {
      expect(await outcomeOf(attempt)).toBe('ENOTSUP');
    }
    expect((await tree.linkInfo('/a/f')).size).toBe(5);
    await tree.copy('/a/f', '/a/g', false);
    await tree.assertContent('/a/g', 'hello');
  });

  it('is fsync only when all backends have it', () => {
    const memory = new MemoryBackend();
    expect(mountTree([mount('/a', memory), mount('/b', memory)]).supportsSync).toBe(true);
    expect(
      mountTree([mount('/a', memory), mount('/b', plain(new MemoryBackend()))]).supportsSync,
    ).toBe(false);
  });

  it('merges the names of owners: the first that is not empty', async () => {
    const tree = mountTree([
      mount('/a', new MemoryBackend({ uid: 1, gid: 7, owner: 'ann' })),
      mount('/b', plain(new MemoryBackend())),
      mount('/c', new MemoryBackend({ uid: 2, gid: 7, owner: 'bob', group: 'staff' })),
      mount(
        '/d',
        plain(new MemoryBackend(), { ownerNames: () => Promise.reject(new SftpError('EIO')) }),
      ),
      mount(
        '/e',
        plain(new MemoryBackend(), { ownerNames: () => ({ users: ['eve', 'eve'], groups: [] }) }),
      ),
    ]);
    const names = await tree.ownerNames?.({ uids: [2, 1, 3], gids: [7] }, SESSION);
    expect(names).toEqual({ users: ['bob', 'ann', ''], groups: ['staff'] });
  });
});
