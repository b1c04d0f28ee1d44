import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/memory-backend.js';
import { bytes } from '../../testing/contract/bytes.js';
import { ContractFixture } from '../../testing/contract/fixture.js';
import type { RandomAccessBackend } from '../backend.js';
import type { OpenFlags } from '../open-file.js';
import { type Permission, PERMISSIONS } from './permissions.js';
import { restricted } from './restricted.js';
import { plain } from './spec-support/plain-backend.js';
import { outcomeOf, SESSION } from './spec-support/tree-session.js';

/** Every set of permissions that there can be. */
function everySet(): Permission[][] {
  return Array.from({ length: 2 ** PERMISSIONS.length }, (_, bits) =>
    PERMISSIONS.filter((_permission, index) => (bits & (1 << index)) !== 0),
  );
}

/** Every set of flags that OPEN can lead to; the server makes no others (TRUNC needs WRITE, EXCL needs CREAT). */
function everyOpen(): Partial<OpenFlags>[] {
  const ways: Partial<OpenFlags>[] = [];
  for (let bits = 0; bits < 2 ** 6; bits += 1) {
    const has = (bit: number): boolean => (bits & (1 << bit)) !== 0;
    const [read, write, create, truncate, exclusive, append] = [0, 1, 2, 3, 4, 5].map(has) as [
      boolean,
      boolean,
      boolean,
      boolean,
      boolean,
      boolean,
    ];
    if ((!read && !write) || (truncate && !write) || (exclusive && !create)) continue;
    if (append && !write) continue;
    ways.push({ read, write, create, truncate, exclusive, append });
  }
  return ways;
}

/** What is to come of an OPEN, said again in other words than those of the code. */
function expected(flags: Partial<OpenFlags>, held: readonly Permission[], there: boolean): string {
  const may = (permission: Permission): boolean => held.includes(permission);
  if (flags.read === true && flags.write !== true && !may('read')) return 'EACCES';
  if (there) {
    if (flags.exclusive === true) return may('create') ? 'EEXIST' : 'EACCES';
    if (flags.write !== true) return 'ok';
    return may(flags.truncate === true ? 'overwrite' : 'write') ? 'ok' : 'EACCES';
  }
  if (flags.create === true) return may('create') ? 'ok' : 'EACCES';
  // It is not to be made. Who might have used it is told that it is not there.
  if (flags.write !== true) return 'ENOENT';
  return may(flags.truncate === true ? 'overwrite' : 'write') ? 'ENOENT' : 'EACCES';
}

/** The flags as a client writes them, for a message. */
function nameOf(flags: Partial<OpenFlags>): string {
  return Object.entries(flags)
    .filter(([, on]) => on)
    .map(([name]) => name)
    .join('|');
}

describe('OPEN', () => {
  it.each([true, false])(
    'does what is allowed and nothing else, by every set of permissions and flags; the file is there: %s',
    async (there) => {
      for (const held of everySet()) {
        if (held.length === PERMISSIONS.length) continue;
        const storage = new ContractFixture(new MemoryBackend(), SESSION);
        const tree = new ContractFixture(restricted(storage.backend, { '/': held }), SESSION);
        for (const flags of everyOpen()) {
          if (there) await storage.put('/f', 'content');
          const outcome = await outcomeOf(async () => tree.close(await tree.open('/f', flags)));
          const what = `${nameOf(flags)} with ${held.join('+')}`;
          expect(`${what}: ${outcome}`).toBe(`${what}: ${expected(flags, held, there)}`);
          const emptied = outcome === 'ok' && flags.truncate === true;
          if (there) await storage.assertContent('/f', emptied ? '' : 'content');
          else if (outcome === 'ok') await storage.delete('/f');
          await storage.assertNames('/', there ? ['f'] : []);
        }
      }
    },
  );

  it('for both ways by who may not read is one for writing', async () => {
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    await storage.put('/f', 'secret');
    const tree = new ContractFixture(
      restricted(storage.backend, { '/': ['create', 'write', 'overwrite'] }),
      SESSION,
    );
    for (const flags of [{}, { truncate: true }, { create: true }, { append: true }]) {
      const file = await tree.open('/f', { read: true, write: true, ...flags });
      expect(await outcomeOf(() => file.read(Buffer.alloc(10), 0))).toBe('EACCES');
      await file.write(bytes('x'), 0);
      await tree.close(file);
    }
    const file = await tree.open('/new', { read: true, write: true, create: true });
    expect(await outcomeOf(() => file.read(Buffer.alloc(10), 0))).toBe('EACCES');
    await tree.close(file);
  });

  describe('by who may create alone', () => {
    const rules = { '/': ['create'] } as const;

    it('cannot be raced: what appears in between is left alone', async () => {
      const storage = new ContractFixture(new MemoryBackend(), SESSION);
      const racing = plain(storage.backend, {
        openFile: async (path, flags, session) => {
          await storage.put(path, 'of somebody else');
          return storage.backend.openFile(path, flags, session);
        },
      });
      const tree = new ContractFixture(restricted(racing, rules), SESSION);
      const upload = { write: true, create: true, truncate: true };
      expect(await outcomeOf(() => tree.open('/f', upload))).toBe('EACCES');
      await storage.assertContent('/f', 'of somebody else');
    });

    it('cannot be raced at the end of an upload that is stored at its close', async () => {
      const memory = new MemoryBackend();
      const staging = plain(memory, {
        openFile: () => ({
          read: () => 0,
          write: () => undefined,
          stat: () => ({ type: 'regular', size: 0 }),
          close: () => Promise.reject(Object.assign(new Error('taken'), { code: 'EEXIST' })),
          abort: () => undefined,
        }),
      });
      const tree = new ContractFixture(restricted(staging, rules), SESSION);
      const file = await tree.open('/f', { write: true, create: true });
      expect(await outcomeOf(() => file.close())).toBe('EACCES');
    });

    it('of a link that leads nowhere makes nothing where it leads', async () => {
      const storage = new ContractFixture(new MemoryBackend(), SESSION);
      await storage.symlink('/link', 'elsewhere');
      const tree = new ContractFixture(restricted(storage.backend, rules), SESSION);
      expect(await outcomeOf(() => tree.put('/link', 'x'))).toBe('EACCES');
      await storage.assertNames('/', ['link']);
    });

    it('of ten at once for one name lets one through', async () => {
      const storage = new ContractFixture(new MemoryBackend(), SESSION);
      const tree = new ContractFixture(restricted(storage.backend, rules), SESSION);
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, index) => outcomeOf(() => tree.put('/f', String(index)))),
      );
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'EACCES')).toHaveLength(9);
      await storage.assertContent('/f', String(outcomes.indexOf('ok')));
    });
  });

  it('by who may overwrite alone cannot be raced: what vanishes in between is not made', async () => {
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    await storage.put('/f', 'x');
    const racing = plain(storage.backend, {
      openFile: async (path, flags, session) => {
        await storage.delete(path);
        return storage.backend.openFile(path, flags, session);
      },
    });
    const tree = new ContractFixture(restricted(racing, { '/': ['overwrite'] }), SESSION);
    const upload = { write: true, create: true, truncate: true };
    expect(await outcomeOf(() => tree.open('/f', upload))).toBe('EACCES');
    await storage.assertNames('/', []);
  });
});

describe('FSETSTAT', () => {
  /** A memory backend whose files leave their attributes to the backend, as some do. */
  function byPath(memory: MemoryBackend): RandomAccessBackend {
    return plain(memory, {
      setAttributes: memory.setAttributes.bind(memory),
      openFile: (path, flags) => {
        const file = memory.openFile(path, flags);
        return {
          read: file.read.bind(file),
          write: file.write.bind(file),
          stat: file.stat.bind(file),
          close: file.close.bind(file),
          abort: file.abort.bind(file),
        };
      },
    });
  }

  it('belongs to an upload, truncation included', async () => {
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    const tree = new ContractFixture(restricted(storage.backend, { '/': ['create'] }), SESSION);
    const file = await tree.open('/f', { write: true, create: true });
    await file.write(bytes('too long'), 0);
    await file.setAttributes?.({ size: 3, mode: 0o600 });
    await tree.close(file);
    await storage.assertContent('/f', 'too');
    expect((await storage.info('/f')).mode).toBe(0o600);
    expect(await outcomeOf(() => tree.setAttributes('/f', { mode: 0o777 }))).toBe('EACCES');
  });

  it('belongs to an upload also by its path, but for the size', async () => {
    const memory = new MemoryBackend();
    const tree = new ContractFixture(restricted(byPath(memory), { '/': ['create'] }), SESSION);
    const file = await tree.open('/f', { write: true, create: true });
    await file.write(bytes('content'), 0);
    await file.setAttributes?.({ mode: 0o600 });
    expect(await outcomeOf(() => file.setAttributes?.({ size: 0 }))).toBe('EACCES');
    await tree.close(file);
    expect(await new ContractFixture(memory, SESSION).info('/f')).toMatchObject({
      size: 7,
      mode: 0o600,
    });
  });

  it('of a handle for reading needs write', async () => {
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    await storage.put('/f', 'x');
    await storage.setAttributes('/f', { mode: 0o640 });
    for (const backend of [storage.backend, byPath(storage.backend as unknown as MemoryBackend)]) {
      const tree = new ContractFixture(restricted(backend, { '/': ['read'] }), SESSION);
      const file = await tree.open('/f', { read: true });
      expect(await outcomeOf(() => file.setAttributes?.({ mode: 0o777 }))).toBe('EACCES');
      await tree.close(file);
    }
    expect((await storage.info('/f')).mode).toBe(0o640);
  });

  it('is what the backend makes of it where write is held', async () => {
    const storage = new ContractFixture(new MemoryBackend(), SESSION);
    await storage.put('/f', 'x');
    const rules = { '/': ['read', 'write'] } as const;
    const tree = new ContractFixture(restricted(storage.backend, rules), SESSION);
    const file = await tree.open('/f', { read: true });
    await tree.setFileAttributes(file, '/f', { mode: 0o600 });
    await tree.close(file);
    expect((await storage.info('/f')).mode).toBe(0o600);
  });
});

it('an open file keeps sync when it has it, and has none otherwise', async () => {
  const memory = new MemoryBackend();
  const rules = { '/': ['create'] } as const;
  const upload = { write: true, create: true };
  const synced = new ContractFixture(restricted(memory, rules), SESSION);
  const file = await synced.open('/f', upload);
  expect(await outcomeOf(() => file.sync?.())).toBe('ok');
  expect(file.sync).toBeDefined();
  await synced.abort(file);
  const without = plain(memory, {
    openFile: () => ({
      read: () => 0,
      write: () => undefined,
      stat: () => ({ type: 'regular', size: 0 }),
      close: () => undefined,
      abort: () => undefined,
    }),
  });
  const plainly = new ContractFixture(restricted(without, rules), SESSION);
  expect((await plainly.open('/g', upload)).sync).toBeUndefined();
});
