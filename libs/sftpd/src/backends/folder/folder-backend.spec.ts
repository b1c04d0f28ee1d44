import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { OpenFile } from '../../filesystem/open-file.js';

import { FolderBackend } from './folder-backend.js';
import type { FolderBackendOptions } from './folder-options.js';
import {
  at,
  descriptorsInto,
  EXCLUSIVE,
  get,
  makeScratch,
  names,
  put,
  PUT,
  READ,
  type Scratch,
} from './spec-support/scratch.js';

describe('FolderBackend options', () => {
  it.each([
    ['root', undefined],
    ['root', { root: '' }],
    ['root', { root: 'a\0b' }],
    ['root', { root: 7 }],
    ['create', { root: '/', create: 'yes' }],
    ['atomicUploads', { root: '/', atomicUploads: 1 }],
    ['durable', { root: '/', durable: 1 }],
    ['symlinks', { root: '/', symlinks: 'off' }],
    ['fileMode', { root: '/', fileMode: 644 }],
    ['fileMode', { root: '/', fileMode: '644' }],
    ['directoryMode', { root: '/', directoryMode: -1 }],
    ['ownerNames', { root: '/', ownerNames: 'all' }],
    ['staleUploadAge', { root: '/', staleUploadAge: Number.NaN }],
    ['log', { root: '/', log: {} }],
  ])('names the option %s when it is wrong: %j', (option, options) => {
    const make = () => new FolderBackend(options as unknown as FolderBackendOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`the option ${option} must`);
  });
});

describe('FolderBackend life cycle', () => {
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch();
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  it('says what is wrong with its root', async () => {
    const missing = path.join(scratch.outside, 'a/b');
    const file = path.join(scratch.outside, 'file');
    writeFileSync(file, '');
    const init = (root: string, create = false) =>
      new FolderBackend({ root, create }).onModuleInit();
    await expect(init(missing)).rejects.toThrow(/option root .* does not exist/);
    await expect(init(file)).rejects.toThrow(/option root .* is not a directory/);
    await expect(init(file, true)).rejects.toThrow(/option root .* is not a directory/);
    await expect(init(path.join(file, 'x'), true)).rejects.toThrow(/option root .* cannot be made/);
  });

  it('makes its root when told to, and opens it at the first call without Nest', async () => {
    const root = path.join(scratch.outside, 'a/b');
    const backend = new FolderBackend({ root, create: true, directoryMode: 0o700 });
    expect(await names(backend)).toEqual([]);
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(await descriptorsInto(root)).toHaveLength(1);
    await backend.onApplicationShutdown();
    expect(await descriptorsInto(root)).toEqual([]);
  });

  it('tries again after a root that was missing', async () => {
    const root = path.join(scratch.outside, 'later');
    const backend = new FolderBackend({ root });
    await expect(backend.fileInfo(at('/'))).rejects.toThrow(/does not exist/);
    mkdirSync(root);
    expect((await backend.fileInfo(at('/'))).type).toBe('directory');
    await backend.onApplicationShutdown();
  });

  it('stays with its directory when that is renamed', async () => {
    const { backend, root, outside } = scratch;
    await put(backend, '/f', 'mine');
    renameSync(root, path.join(outside, 'moved'));
    mkdirSync(root);
    expect(await get(backend, '/f')).toBe('mine');
  });

  it('lets what is open end after the shutdown, then holds nothing', async () => {
    const { backend, root } = scratch;
    await backend.onApplicationShutdown();
    await backend.onModuleInit();
    await put(backend, '/f', 'text');
    const listing = await backend.listDir(at('/'));
    const pending = backend.fileInfo(at('/f'));
    await backend.onApplicationShutdown();
    await backend.onApplicationShutdown();
    expect((await pending).size).toBe(4);
    expect((await listing.next()).value).toMatchObject({ name: 'f' });
    await listing.return?.();
    expect(await descriptorsInto(root)).toEqual([]);
    await expect(backend.fileInfo(at('/f'))).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('FolderBackend capabilities', () => {
  it('has no methods that make links when links are off, and still follows those there are', async () => {
    const scratch = await makeScratch({ symlinks: false });
    try {
      expect('symlink' in scratch.backend).toBe(false);
      expect('hardLink' in scratch.backend).toBe(false);
      await put(scratch.backend, '/f', 'text');
      symlinkSync('f', path.join(scratch.root, 'l'));
      expect(await get(scratch.backend, '/l')).toBe('text');
      expect(await scratch.backend.readLink(at('/l'))).toBe('f');
    } finally {
      await scratch.dispose();
    }
  });

  it.each(['process', 'system'] as const)(
    'tells the names of owners, ownerNames: %s',
    async (scope) => {
      const scratch = await makeScratch({ ownerNames: scope });
      try {
        const { backend } = scratch;
        await put(backend, '/f', '');
        const { uid, gid, username } = userInfo();
        const known = await backend.ownerNames({
          uids: [uid, 1, 4_000_000],
          gids: [gid, 4_000_000],
        });
        expect(known.users[0]).toBe(username);
        // Number 1 is a system account wherever there are accounts.
        expect(known.users[1] === '').toBe(scope === 'process' && uid !== 1);
        expect(known.users[2]).toBe('');
        expect(known.groups).toHaveLength(2);
        expect((await backend.fileInfo(at('/f'))).owner).toBe(username);
      } finally {
        await scratch.dispose();
      }
    },
  );
});

describe('FolderBackend names that are not UTF-8', () => {
  it('hides them and says so once for a directory', async () => {
    const warnings: string[] = [];
    const scratch = await makeScratch({
      log: { log: () => undefined, warn: (message) => warnings.push(message) },
    });
    try {
      const { backend, root } = scratch;
      for (const byte of [0xff, 0xe9]) {
        writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, byte])]), '');
      }
      await put(backend, '/\u00e9\u{1f600}', 'text');
      expect(await names(backend)).toEqual(['\u00e9\u{1f600}']);
      expect(await names(backend)).toEqual(['\u00e9\u{1f600}']);
      expect(warnings).toEqual([expect.stringContaining('2 names in "/"')]);
      // The replacement character is a name of its own and reaches none of them.
      await expect(backend.openFile(at('/a\ufffd'), READ)).rejects.toMatchObject({
        code: 'ENOENT',
      });
    } finally {
      await scratch.dispose();
    }
  });
});

describe.each([false, true])('FolderBackend descriptors, atomicUploads: %s', (atomicUploads) => {
  it('are all closed, whatever fails', async () => {
    const scratch = await makeScratch({ atomicUploads, durable: true });
    try {
      const { backend, root } = scratch;
      await backend.makeDir(at('/d'), {});
      await backend.makeDir(at('/d/e'), {});
      await put(backend, '/d/f', 'text');
      await backend.symlink?.(at('/d/loop'), 'loop');
      await backend.symlink?.(at('/d/l'), '../d/e/../f');
      await backend.symlink?.(at('/d/nowhere'), 'e/missing/x');
      const open = await descriptorsInto(root);
      expect(open).toEqual([root]);

      const end = async (file: OpenFile | PromiseLike<OpenFile>) => (await file).abort();
      const both = [{ overwrite: true }, { overwrite: false }];
      const paths = ['/', '/d', '/d/f', '/d/l', '/d/loop', '/d/nowhere', '/d/f/x', '/x/y', '/d/e'];
      const failures: unknown[] = [];
      const attempt = (operation: PromiseLike<unknown> | undefined) =>
        Promise.resolve(operation).catch((error: unknown) => failures.push(error));
      for (const name of paths.map(at)) {
        await attempt(names(backend, name));
        await attempt(backend.listDir(name).then((listing) => listing.return?.()));
        await attempt(backend.fileInfo(name));
        await attempt(backend.linkInfo(name));
        await attempt(end(backend.openFile(name, READ)));
        await attempt(end(backend.openFile(name, PUT)));
        await attempt(end(backend.openFile(name, EXCLUSIVE)));
        await attempt(backend.makeDir(name, {}));
        await attempt(backend.setAttributes(name, { size: 1, mode: 0o755 }));
        await attempt(backend.setLinkAttributes(name, { mode: 0o755 }));
        await attempt(backend.readLink(name));
        await attempt(backend.statVfs(name));
        await attempt(backend.symlink?.(name, 'x'));
        for (const other of paths.map(at)) {
          if (name === '/d/e' || other === '/d/e') continue;
          await attempt(backend.hardLink?.(name, other));
          for (const options of both) {
            await attempt(backend.copy(name, other, options));
            if (name !== '/d' && other !== '/d') {
              await attempt(backend.rename(name, other, options));
            }
          }
        }
      }
      for (const name of paths.map(at)) {
        await attempt(backend.delete(name));
        await attempt(backend.delDir(name));
      }
      expect(failures.length).toBeGreaterThan(150);
      expect(await descriptorsInto(root)).toEqual(open);
      expect(readdirSync(root).filter((name) => name.startsWith('.nestjs'))).toEqual([]);
    } finally {
      await scratch.dispose();
    }
  });
});

describe('FolderBackend files', () => {
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch({ fileMode: 0o600, directoryMode: 0o700 });
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  it('are made with the modes of the options, or of the client without set-id bits', async () => {
    const { backend } = scratch;
    const modeOf = async (name: string) => (await backend.fileInfo(at(name))).mode;
    await put(backend, '/own', '');
    expect(await modeOf('/own')).toBe(0o600);
    await (await backend.openFile(at('/client'), { ...PUT, mode: 0o6744 })).close();
    expect(await modeOf('/client')).toBe(0o744);
    await backend.makeDir(at('/d'), {});
    expect(await modeOf('/d')).toBe(0o700);
    await backend.makeDir(at('/e'), { mode: 0o1750 });
    expect(await modeOf('/e')).toBe(0o750);
  });

  it('lose the set-id bits in a copy', async () => {
    const { backend } = scratch;
    await put(backend, '/f', 'text');
    await backend.setAttributes(at('/f'), { mode: 0o6755 });
    await backend.copy(at('/f'), at('/g'), { overwrite: false });
    expect((await backend.fileInfo(at('/f'))).mode).toBe(0o6755);
    expect((await backend.fileInfo(at('/g'))).mode).toBe(0o755);
    expect(await get(backend, '/g')).toBe('text');
  });

  it('refuse every call after their end', async () => {
    const { backend } = scratch;
    const file = await backend.openFile(at('/f'), { ...PUT, read: true });
    await file.close();
    const gone = { code: 'EBADF' };
    await expect(async () => file.read(Buffer.alloc(1), 0)).rejects.toMatchObject(gone);
    await expect(file.write(Buffer.alloc(1), 0)).rejects.toMatchObject(gone);
    await expect(file.stat()).rejects.toMatchObject(gone);
    await expect(file.close()).rejects.toMatchObject(gone);
  });

  it('keep what was written before an abort, for a resume', async () => {
    const { backend } = scratch;
    const file = await backend.openFile(at('/f'), PUT);
    await file.write(Buffer.from('part'), 0);
    await file.abort();
    expect(await get(backend, '/f')).toBe('part');
  });

  it('can be reached in a directory too deep for one path of the system', async () => {
    const { backend } = scratch;
    const directories: string[] = [''];
    for (let depth = 0; depth < 20; depth += 1) {
      directories.push(`${directories.at(-1) ?? ''}/${'n'.repeat(250)}`);
    }
    const [, ...made] = directories;
    const deepest = made.at(-1) ?? '';
    expect(deepest.length).toBeGreaterThan(4096);
    for (const directory of made) await backend.makeDir(at(directory), {});
    await put(backend, `${deepest}/f`, 'deep');
    expect(await get(backend, `${deepest}/f`)).toBe('deep');
    await backend.delete(at(`${deepest}/f`));
    // Node's recursive removal, which the scratch directory relies on, cannot go so deep.
    for (const directory of made.reverse()) await backend.delDir(at(directory));
    expect(await names(backend)).toEqual([]);
  });
});
