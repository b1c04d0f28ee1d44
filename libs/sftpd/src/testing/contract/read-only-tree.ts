import assert from 'node:assert/strict';
import { fails } from './fixture.js';
import { directoriesOf } from './read-only-files.js';
import type { ContractGroup } from './suite.js';

/** `listDir` and `fileInfo` of a backend that nobody can change. */
export const readOnlyTree: ContractGroup = ({ files, test, group }) => {
  const directories = directoriesOf(files);
  const [someFile = ''] = files.keys();

  group('read-only: listDir', [], () => {
    test('lists in each directory exactly what it holds, each once', async (fx) => {
      for (const [directory, entries] of directories) {
        await fx.assertNames(directory, [...entries.keys()]);
      }
    });

    test('gives each entry the attributes that fileInfo gives', async (fx) => {
      for (const [directory, entries] of directories) {
        for (const { name, info } of await fx.entries(directory)) {
          assert.deepEqual(info, await fx.info(entries.get(name) ?? ''), `${directory}: ${name}`);
        }
      }
    });

    test('a missing directory is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.entries('/nowhere'));
      await fails('ENOENT', () => fx.entries('/nowhere/below'));
    });

    test('a file is ENOTDIR, and a path through a file', async (fx) => {
      await fails('ENOTDIR', () => fx.entries(someFile));
      await fails('ENOTDIR', () => fx.entries(`${someFile}/below`));
    });
  });

  group('read-only: fileInfo', [], () => {
    test('tells of each file its type and its size in bytes', async (fx) => {
      for (const [path, content] of files) {
        const { type, size } = await fx.info(path);
        assert.deepEqual({ type, size }, { type: 'regular', size: content.length }, path);
      }
    });

    test('tells of each directory that it is one', async (fx) => {
      for (const directory of directories.keys()) {
        assert.equal((await fx.info(directory)).type, 'directory', directory);
      }
    });

    test('the mode is permission bits without the file type', async (fx) => {
      for (const path of [...files.keys(), ...directories.keys()]) {
        const { mode = 0 } = await fx.info(path);
        assert.equal(mode & ~0o7777, 0, `mode of ${path}`);
      }
    });

    test('a missing name is ENOENT', async (fx) => {
      for (const path of ['/nowhere', '/nowhere/below', `${someFile}-not`, '/constructor']) {
        await fails('ENOENT', () => fx.info(path));
      }
    });

    test('a path through a file is ENOTDIR', async (fx) => {
      await fails('ENOTDIR', () => fx.info(`${someFile}/below`));
    });
  });
};
