import assert from 'node:assert/strict';
import type { DirEntry } from '../../filesystem/file-info.js';
import { at, type ContractFixture, fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** A directory of this many entries needs several pages on the wire. */
const MANY = 3000;
/** Stores that list in pages have up to 1000 entries in one. */
const MORE_THAN_A_PAGE = 1200;
const SLOW_MS = 180_000;

/** `listDir`: what a directory holds (`readdir`). */
export const listing: ContractGroup = ({ test, group }) => {
  group('listDir', [], () => {
    test('an empty root has no entries, and no "." or ".."', async (fx) => {
      assert.deepEqual(await fx.entries('/'), []);
    });

    test('lists files and directories, each once', async (fx) => {
      await fx.put('/file', 'x');
      await fx.makeDir('/dir');
      await fx.assertNames('/', ['dir', 'file']);
    });

    test('lists the entries of the directory alone, not those below', async (fx) => {
      await fx.makeDir('/a');
      await fx.makeDir('/a/b');
      await fx.put('/a/b/deep');
      await fx.put('/other');
      await fx.assertNames('/a', ['b']);
    });

    test('does not mix up directories whose names begin alike', async (fx) => {
      await fx.makeDir('/tenant');
      await fx.makeDir('/tenant-b');
      await fx.put('/tenant-b/secret');
      assert.deepEqual(await fx.entries('/tenant'), []);
    });

    test('gives each entry the attributes that fileInfo gives', async (fx) => {
      await fx.put('/file', 'seven b');
      await fx.makeDir('/dir');
      for (const entry of await fx.entries('/')) {
        const info = await fx.info(`/${entry.name}`);
        assert.equal(entry.info.type, info.type);
        assert.equal(entry.info.mode, info.mode);
        assert.deepEqual(entry.info.modifiedAt, info.modifiedAt);
        if (info.type === 'regular') assert.equal(entry.info.size, 7);
      }
    });

    test('shows what was made and removed since the last listing', async (fx) => {
      await fx.put('/one');
      await fx.put('/two');
      await fx.assertNames('/', ['one', 'two']);
      await fx.delete('/one');
      await fx.put('/three');
      await fx.assertNames('/', ['three', 'two']);
    });

    test('shows the sizes that files have now', async (fx) => {
      await fx.put('/f', 'short');
      assert.deepEqual(await sizesIn(fx, '/'), [5]);
      await fx.put('/f', 'quite a bit longer');
      assert.deepEqual(await sizesIn(fx, '/'), [18]);
      await fx.put('/f');
      assert.deepEqual(await sizesIn(fx, '/'), [0]);
    });

    test('a missing directory is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.entries('/nowhere'));
    });

    test('a file is ENOTDIR', async (fx) => {
      await fx.put('/file');
      await fails('ENOTDIR', () => fx.entries('/file'));
    });

    test('a path through a file is ENOTDIR', async (fx) => {
      await fx.put('/file');
      await fails('ENOTDIR', () => fx.entries('/file/below'));
    });

    test(
      `lists ${MANY} entries, each once`,
      async (fx) => {
        const made = await makeMany(fx, MANY);
        await fx.assertNames('/many', made);
      },
      SLOW_MS,
    );

    test(
      'may be stopped early, and the directory can be listed again',
      async (fx) => {
        const made = await makeMany(fx, MORE_THAN_A_PAGE);
        const iterator = await iteratorOf(fx, '/many');
        for (let count = 0; count < 3; count += 1) {
          const next = await iterator.next();
          assert.equal(next.done, false);
          assert.ok(made.includes(next.value.name));
        }
        await iterator.return?.();
        await fx.assertNames('/many', made);
      },
      SLOW_MS,
    );

    test(
      'gives the entries that stay, each once, while others are removed and added',
      async (fx) => {
        const made = await makeMany(fx, 600);
        const stay = made.filter((_, index) => index % 2 === 0);
        const iterator = await iteratorOf(fx, '/many');
        const first = await iterator.next();
        assert.equal(first.done, false);
        const seen = [first.value.name];
        for (const name of made) if (!stay.includes(name)) await fx.delete(`/many/${name}`);
        for (let index = 0; index < 50; index += 1) await fx.put(`/many/added-${index}`);
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
          seen.push(next.value.name);
        }
        assert.equal(new Set(seen).size, seen.length, 'no name comes twice');
        const missed = stay.filter((name) => !seen.includes(name));
        assert.deepEqual(missed, []);
      },
      SLOW_MS,
    );

    test(
      'every entry can be removed while the directory is listed (rm -r)',
      async (fx) => {
        await makeMany(fx, 300);
        for await (const entry of await fx.backend.listDir(at('/many'), fx.session)) {
          await fx.delete(`/many/${entry.name}`);
        }
        await fx.delDir('/many');
        await fx.assertMissing('/many');
      },
      SLOW_MS,
    );
  });
};

async function sizesIn(fx: ContractFixture, path: string): Promise<number[]> {
  return (await fx.entries(path)).map(({ info }) => info.size);
}

async function makeMany(fx: ContractFixture, count: number): Promise<string[]> {
  await fx.makeDir('/many');
  const made = Array.from({ length: count }, (_, index) => `entry-${index}`);
  for (let from = 0; from < count; from += 50) {
    await Promise.all(made.slice(from, from + 50).map((name) => fx.put(`/many/${name}`)));
  }
  return made;
}

async function iteratorOf(
  fx: ContractFixture,
  path: string,
): Promise<Iterator<DirEntry> | AsyncIterator<DirEntry>> {
  const entries = await fx.backend.listDir(at(path), fx.session);
  return Symbol.asyncIterator in entries
    ? entries[Symbol.asyncIterator]()
    : entries[Symbol.iterator]();
}
