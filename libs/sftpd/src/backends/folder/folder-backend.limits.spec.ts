import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { FolderBackend } from './folder-backend.js';
import { at, get, makeScratch, names, put, PUT, READ, RESUME } from './spec-support/scratch.js';

/** Whether this process may mount: a container or a user without the right cannot make a disk full. */
function mayMount(): boolean {
  const directory = mkdtempSync(path.join(tmpdir(), 'folder-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], {
      stdio: 'ignore',
    });
    execFileSync('umount', [directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const isRoot = process.getuid?.() === 0;
const withMounts = isRoot && mayMount() ? describe : describe.skip;
const MEBIBYTE = Buffer.alloc(1024 * 1024, 1);

withMounts('FolderBackend on a small file system (needs the right to mount)', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'folder-mount-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=20', 'tmpfs', root]);
  });

  afterEach(() => {
    execFileSync('umount', [root]);
    rmSync(root, { recursive: true });
  });

  async function withBackend(
    atomicUploads: boolean,
    use: (backend: FolderBackend) => Promise<void>,
  ): Promise<void> {
    const backend = new FolderBackend({ root, atomicUploads });
    try {
      await use(backend);
    } finally {
      // The umount that follows proves that no descriptor is left.
      await backend.onApplicationShutdown();
    }
  }

  it.each([false, true])(
    'tells that the disk is full, atomicUploads: %s',
    async (atomicUploads) => {
      await withBackend(atomicUploads, async (backend) => {
        await put(backend, '/f', 'old');
        const file = await backend.openFile(at('/f'), PUT);
        await file.write(MEBIBYTE.subarray(0, 512 * 1024), 0);
        await expect(file.write(MEBIBYTE, 512 * 1024)).rejects.toMatchObject({ code: 'ENOSPC' });
        await file.abort();
        if (atomicUploads) {
          expect(readdirSync(root)).toEqual(['f']);
          expect(await get(backend, '/f')).toBe('old');
        } else {
          expect((await backend.fileInfo(at('/f'))).size).toBeGreaterThanOrEqual(512 * 1024);
        }
      });
    },
  );

  it('leaves nothing of a copy that does not fit', async () => {
    await withBackend(false, async (backend) => {
      const file = await backend.openFile(at('/f'), PUT);
      await file.write(MEBIBYTE.subarray(0, 700 * 1024), 0);
      await file.close();
      for (const overwrite of [true, false]) {
        await expect(backend.copy(at('/f'), at('/g'), { overwrite })).rejects.toMatchObject({
          code: 'ENOSPC',
        });
      }
      expect(readdirSync(root)).toEqual(['f']);
    });
  });

  it('tells that there are no inodes', async () => {
    await withBackend(false, async (backend) => {
      const fill = async () => {
        for (let i = 0; i < 30; i += 1) await backend.makeDir(at(`/d${i}`), {});
      };
      await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' });
      expect((await backend.statVfs(at('/'))).freeFiles).toBe(0);
      await expect(backend.openFile(at('/f'), PUT)).rejects.toMatchObject({ code: 'ENOSPC' });
    });
  });

  it.each([false, true])('is read-only as a whole, atomicUploads: %s', async (atomicUploads) => {
    writeFileSync(path.join(root, 'f'), 'text');
    mkdirSync(path.join(root, 'd'));
    await withBackend(atomicUploads, async (backend) => {
      expect((await backend.statVfs(at('/f'))).readOnly).toBe(false);
      execFileSync('mount', ['-o', 'remount,ro', root]);
      expect((await backend.statVfs(at('/f'))).readOnly).toBe(true);
      expect(await get(backend, '/f')).toBe('text');
      expect(await names(backend)).toEqual(['d', 'f']);
      for (const change of [
        () => backend.openFile(at('/f'), PUT),
        () => backend.openFile(at('/f'), RESUME),
        () => backend.openFile(at('/new'), PUT),
        () => backend.makeDir(at('/new'), {}),
        () => backend.delDir(at('/d')),
        () => backend.delete(at('/f')),
        () => backend.rename(at('/f'), at('/g'), { overwrite: false }),
        () => backend.rename(at('/f'), at('/g'), { overwrite: true }),
        () => backend.setAttributes(at('/f'), { mode: 0o600 }),
        () => backend.copy(at('/f'), at('/g'), { overwrite: true }),
        () => backend.symlink?.(at('/l'), 'f'),
        () => backend.hardLink?.(at('/f'), at('/g')),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'EROFS' });
      }
    });
  });
});

(isRoot ? describe : describe.skip)('FolderBackend as a user (needs root to become one)', () => {
  it('is refused what the user is refused, and needs no right on the way to its root', async () => {
    const scratch = await makeScratch({ atomicUploads: true });
    try {
      await put(scratch.backend, '/closed', 'text');
      await put(scratch.backend, '/open', 'text');
      chmodSync(path.join(scratch.root, 'closed'), 0o600);
      mkdirSync(path.join(scratch.root, 'writable'));
      chmodSync(path.join(scratch.root, 'writable'), 0o777);
      await put(scratch.backend, '/writable/theirs', 'text');
      mkdirSync(path.join(scratch.root, 'locked'), { mode: 0o700 });
      const unsearchable = path.join(scratch.root, 'unsearchable');
      mkdirSync(unsearchable);
      for (let i = 0; i < 100; i += 1) writeFileSync(path.join(unsearchable, `f${i}`), '');
      chmodSync(unsearchable, 0o744);
      const denied = { code: 'EACCES' };
      process.seteuid?.(65534);
      try {
        const { backend } = scratch;
        expect(await get(backend, '/open')).toBe('text');
        await expect(backend.openFile(at('/closed'), READ)).rejects.toMatchObject(denied);
        await expect(backend.openFile(at('/open'), PUT)).rejects.toMatchObject(denied);
        await expect(backend.openFile(at('/new'), PUT)).rejects.toMatchObject(denied);
        await expect(backend.fileInfo(at('/locked/f'))).rejects.toMatchObject(denied);
        await expect(backend.listDir(at('/locked'))).rejects.toMatchObject(denied);
        await expect(names(backend, '/unsearchable')).rejects.toMatchObject(denied);
        await expect(backend.delete(at('/open'))).rejects.toMatchObject(denied);
        await expect(backend.setAttributes(at('/open'), { mode: 0o777 })).rejects.toMatchObject({
          code: 'EPERM',
        });
        await put(backend, '/writable/f', 'text');
        expect(await get(backend, '/writable/f')).toBe('text');
        // Linux lets nobody link what is not theirs (protected_hardlinks); it can still be moved.
        const free = { overwrite: false };
        const taken = { code: 'EEXIST' };
        await expect(
          backend.rename(at('/writable/theirs'), at('/writable/f'), free),
        ).rejects.toMatchObject(taken);
        await backend.rename(at('/writable/theirs'), at('/writable/moved'), free);
        expect(await names(backend, '/writable')).toEqual(['f', 'moved']);
      } finally {
        process.seteuid?.(0);
      }
    } finally {
      await scratch.dispose();
    }
  });
});
