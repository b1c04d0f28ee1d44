import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { FileType } from '../../filesystem/file-info.js';

import { errorCode } from '../../filesystem/sftp-error.js';
import {
  at,
  EXCLUSIVE,
  get,
  makeScratch,
  names,
  put,
  PUT,
  READ,
  RESUME,
  withoutDescriptors,
  type Scratch,
} from './spec-support/scratch.js';
import { startSwapper } from './spec-support/swapper.js';

const PAST = new Date('2020-01-01T00:00:00Z');

/**
 * Whatever reading or changing something in the outside directory leaves a mark on, without leaving one:
 * what was read has a new access time, what was changed has a new change time.
 */
function marks(directory: string): unknown[] {
  return ['.', ...readdirSync(directory).sort()].map((name) => {
    const stats = lstatSync(path.join(directory, name));
    const { mode, uid, gid, size, nlink, mtimeMs, ctimeMs, atimeMs } = stats;
    const readAt = name === 'bait' || name === '.' ? 0 : atimeMs;
    return { name, mode, uid, gid, size, nlink, mtimeMs, ctimeMs, readAt };
  });
}

/** Puts a file outside whose access time is older than its change, so that the first read is seen in it. */
function writeOutside(scratch: Scratch, name: string): void {
  const file = path.join(scratch.outside, name);
  writeFileSync(file, 'OUTSIDE');
  utimesSync(file, PAST, PAST);
}

/** Runs one operation; what it failed with, `ok` when it did not. */
async function outcome(operation: Promise<unknown>): Promise<string> {
  try {
    await operation;
    return 'ok';
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}

describe.each([
  ['by descriptors', {}, false],
  ['by descriptors, with atomic uploads', { atomicUploads: true }, false],
  ['by paths', {}, true],
] as const)('FolderBackend confinement %s', (_, options, byPaths) => {
  let scratch: Scratch;
  let before: unknown[];

  beforeEach(async () => {
    const make = () => makeScratch(options);
    scratch = await (byPaths ? withoutDescriptors(make) : make());
    writeOutside(scratch, 'secret');
    before = marks(scratch.outside);
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  describe.each([
    ['an absolute link', (outside: string) => ({ l: outside })],
    ['a relative link', () => ({ l: '../outside' })],
    ['a link with many ..', (outside: string) => ({ l: `../../../../../../../../..${outside}` })],
    ['a link through a directory', () => ({ l: 'sub/../../outside' })],
    ['a chain of links', (outside: string) => ({ l: 'm', m: './n', n: outside })],
    ['a link to a link of /proc', (outside: string) => ({ l: `/proc/self/root${outside}` })],
    ['a link to the working directory', () => ({ l: '/proc/self/cwd' })],
    ['a link through a link to /', (outside: string) => ({ top: '/', l: `top/..${outside}` })],
  ])('%s', (_title, layout) => {
    it('reaches nothing outside, by any operation', async () => {
      const { backend, root, outside } = scratch;
      mkdirSync(path.join(root, 'sub'));
      writeFileSync(path.join(root, 'mine'), 'mine');
      for (const [name, target] of Object.entries(layout(outside))) {
        symlinkSync(target, path.join(root, name));
      }
      const l = at('/l');
      const secret = at('/l/secret');
      const fresh = at('/l/fresh');
      const replace = { overwrite: true };
      const operations: readonly Promise<unknown>[] = [
        names(backend, '/l'),
        backend.fileInfo(l),
        backend.fileInfo(secret),
        backend.linkInfo(secret),
        backend.openFile(secret, READ),
        backend.openFile(secret, RESUME),
        backend.openFile(fresh, PUT),
        backend.openFile(fresh, EXCLUSIVE),
        backend.makeDir(fresh, {}),
        backend.delDir(fresh),
        backend.delete(secret),
        backend.rename(secret, at('/stolen'), replace),
        backend.rename(secret, at('/stolen'), { overwrite: false }),
        backend.rename(at('/mine'), fresh, replace),
        backend.setAttributes(l, { mode: 0o700 }),
        backend.setAttributes(secret, { mode: 0o777, size: 0 }),
        backend.setLinkAttributes(secret, { accessedAt: PAST, modifiedAt: PAST }),
        backend.symlink?.(fresh, 'x') ?? Promise.resolve(),
        backend.readLink(secret),
        backend.hardLink?.(secret, at('/stolen')) ?? Promise.resolve(),
        backend.hardLink?.(at('/mine'), fresh) ?? Promise.resolve(),
        backend.statVfs(l),
        backend.copy(secret, at('/stolen'), replace),
        backend.copy(at('/mine'), fresh, replace),
      ];
      const outcomes = await Promise.all(operations.map(outcome));

      expect(new Set(outcomes)).toEqual(new Set(['ENOENT']));
      expect(marks(outside)).toEqual(before);
      expect(await get(backend, '/mine')).toBe('mine');
    });
  });

  it('resolves an absolute target from the root, as chroot does', async () => {
    mkdirSync(path.join(scratch.root, 'etc'));
    writeFileSync(path.join(scratch.root, 'etc/passwd'), 'inside');
    symlinkSync('/etc/passwd', path.join(scratch.root, 'l'));
    symlinkSync('../../../etc', path.join(scratch.root, 'up'));
    expect(await get(scratch.backend, '/l')).toBe('inside');
    expect(await get(scratch.backend, '/up/passwd')).toBe('inside');
  });

  it('makes the target of a dangling link inside the root', async () => {
    symlinkSync('../../made', path.join(scratch.root, 'l'));
    await put(scratch.backend, '/l', 'text');
    expect(readFileSync(path.join(scratch.root, 'made'), 'utf8')).toBe('text');
    expect(lstatSync(path.join(scratch.root, 'l')).isSymbolicLink()).toBe(true);
  });

  it('acts on a link to the outside, never on what it points to', async () => {
    const { backend, root, outside } = scratch;
    const secret = path.join(outside, 'secret');
    for (const name of ['a', 'b', 'c', 'd']) symlinkSync(secret, path.join(root, name));
    await put(backend, '/mine', 'mine');

    await backend.delete(at('/a'));
    await backend.rename(at('/b'), at('/e'), { overwrite: false });
    await backend.rename(at('/mine'), at('/c'), { overwrite: true });
    await backend.setLinkAttributes(at('/d'), { accessedAt: PAST, modifiedAt: PAST });
    expect(await outcome(backend.delDir(at('/d')))).toBe('ENOTDIR');
    expect(await outcome(backend.copy(at('/d'), at('/f'), { overwrite: true }))).toBe('ENOENT');
    await backend.copy(at('/c'), at('/d'), { overwrite: true });

    expect(readdirSync(root).sort()).toEqual(['c', 'd', 'e']);
    expect(readlinkSync(path.join(root, 'e'))).toBe(secret);
    expect(readFileSync(path.join(root, 'd'), 'utf8')).toBe('mine');
    expect(marks(outside)).toEqual(before);
  });

  it('never gives the target of a link a second name', async () => {
    const { backend, root, outside } = scratch;
    symlinkSync(path.join(outside, 'secret'), path.join(root, 'l'));
    await outcome(backend.hardLink?.(at('/l'), at('/second')) ?? Promise.resolve());
    expect(marks(outside)).toEqual(before);
    expect(await outcome(backend.openFile(at('/second'), READ))).toBe('ENOENT');
  });

  it('ends links in a circle, and links that multiply, with ELOOP', async () => {
    const { backend, root } = scratch;
    symlinkSync('circle', path.join(root, 'circle'));
    mkdirSync(path.join(root, 'x'));
    symlinkSync('x/../'.repeat(800), path.join(root, 'l0'));
    for (let i = 1; i <= 20; i += 1) {
      symlinkSync(`l${i - 1}/l${i - 1}/l${i - 1}`, path.join(root, `l${i}`));
    }
    for (const name of ['/circle', '/circle/x', '/l20', '/l20/x']) {
      expect(await outcome(backend.fileInfo(at(name)))).toBe('ELOOP');
      expect(await outcome(backend.openFile(at(name), PUT))).toBe('ELOOP');
    }
  });

  it('serves a hard link that somebody of the machine has made', async () => {
    linkSync(path.join(scratch.outside, 'secret'), path.join(scratch.root, 'given'));
    expect(await get(scratch.backend, '/given')).toBe('OUTSIDE');
  });

  async function refusesSpecial(type: FileType): Promise<void> {
    const { backend } = scratch;
    const special = at('/special');
    for (const flags of [READ, RESUME, PUT, { ...PUT, read: true }]) {
      expect(await outcome(backend.openFile(special, flags))).toBe('EACCES');
    }
    expect(await outcome(backend.openFile(special, EXCLUSIVE))).toBe('EEXIST');
    expect(await outcome(backend.setAttributes(special, { size: 0 }))).toBe('EACCES');
    expect(await outcome(backend.setAttributes(special, { mode: 0o777 }))).toBe('EACCES');
    expect(await outcome(backend.copy(special, at('/copy'), { overwrite: true }))).toBe('EACCES');
    expect((await backend.fileInfo(special)).type).toBe(type);
    for await (const entry of await backend.listDir(at('/'))) expect(entry.info.type).toBe(type);
    await backend.delete(special);
    expect(await names(backend)).toEqual([]);
  }

  it('never opens a FIFO', async () => {
    execFileSync('mkfifo', [path.join(scratch.root, 'special')]);
    await refusesSpecial('fifo');
  });

  it('never opens a socket', async () => {
    const server = createServer().listen(path.join(scratch.root, 'special'));
    await once(server, 'listening');
    try {
      await refusesSpecial('socket');
    } finally {
      server.close();
    }
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it : it.skip)('never opens a device (needs root to make one)', async () => {
    execFileSync('mknod', [path.join(scratch.root, 'special'), 'c', '1', '3']);
    await refusesSpecial('character-device');
  });
});

describe('FolderBackend in a race with another program', () => {
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch();
    for (const name of ['secret', 'bait', 'only-outside']) writeOutside(scratch, name);
    mkdirSync(path.join(scratch.root, 'd'));
    for (const name of ['secret', 'bait']) {
      writeFileSync(path.join(scratch.root, 'd', name), 'inside');
    }
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  it.each([
    ['a directory', 'd', '.', 'd/bait'],
    ['a file', 'd/bait', 'bait', 'd/bait'],
  ])(
    'never leaves the root while %s is swapped for a link to the outside',
    async (_what, swapped, target, bait) => {
      const { backend, root, outside } = scratch;
      const before = marks(outside);
      const file = swapped === 'd' ? '/d/secret' : '/d/bait';
      let escapes = 0;
      const seen = new Set<string>();
      const swapper = await startSwapper(
        path.join(root, swapped),
        path.join(outside, target),
        400_000,
      );
      try {
        for (let round = 0; !swapper.ended; round += 1) {
          // What a server that trusts paths would do, to know that there is something to fall for.
          const trusting = await readFile(path.join(root, bait), 'utf8').catch(() => '');
          if (trusting === 'OUTSIDE') escapes += 1;

          const read = await get(backend, file).catch((error: unknown) => errorCode(error));
          expect(read).not.toBe('OUTSIDE');
          seen.add(read === 'ENOENT' ? 'absent' : 'present');
          expect(await names(backend, '/d').catch(() => [])).not.toContain('only-outside');
          for (const operation of [
            () => put(backend, file, 'client'),
            () => backend.setAttributes(at(file), { size: 3, mode: 0o640 }),
            () => backend.setAttributes(at(file), { accessedAt: PAST, modifiedAt: PAST }),
            () => put(backend, '/d/fresh', 'client'),
            () => backend.makeDir(at('/d/directory'), {}),
            () => backend.copy(at(file), at('/d/copy'), { overwrite: true }),
            () => backend.rename(at('/d/copy'), at('/d/moved'), { overwrite: true }),
            () => backend.delete(at('/d/moved')),
            () => backend.delDir(at('/d/directory')),
          ]) {
            await outcome(operation());
          }
          if (round >= 200 && escapes >= 5 && seen.size === 2) break;
        }
      } finally {
        await swapper.stop();
      }
      // Otherwise nothing was raced with, and the test would prove nothing.
      expect(escapes).toBeGreaterThanOrEqual(5);
      expect([...seen].sort()).toEqual(['absent', 'present']);
      expect(marks(outside)).toEqual(before);
    },
    60_000,
  );
});
