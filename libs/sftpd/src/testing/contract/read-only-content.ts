import assert from 'node:assert/strict';
import { assertBytes } from './bytes.js';
import { fails } from './fixture.js';
import { assertRanges, longestOf } from './ranges.js';
import { directoriesOf } from './read-only-files.js';
import type { ContractGroup } from './suite.js';

/** The content of files that nobody can change, as a session reads it and by the backend's own methods. */
export const readOnlyContent: ContractGroup = ({ files, test, group }) => {
  const longest = longestOf(files);
  const directories = [...directoriesOf(files).keys()];

  group('read-only: reading', [], () => {
    test('each file has its content', async (fx) => {
      for (const [path, content] of files) await fx.assertContent(path, content);
    });

    test('each part of a file has the bytes of its offset, fewer only at the end', async (fx) => {
      const file = await fx.open(longest.path, { read: true });
      await assertRanges(longest.content, async (offset, length) => {
        const target = Buffer.alloc(length);
        return target.subarray(0, await file.read(target, offset));
      });
      await fx.close(file);
    });

    test('two who read at once do not disturb each other', async (fx) => {
      await Promise.all([...files].map(([path, content]) => fx.assertContent(path, content)));
    });

    test('stat of an open file tells its size', async (fx) => {
      const file = await fx.open(longest.path, { read: true });
      assert.equal((await file.stat()).size, longest.content.length);
      await fx.close(file);
    });

    test('a missing file is ENOENT, a directory EISDIR, a path through a file ENOTDIR', async (fx) => {
      await fails('ENOENT', () => fx.open('/nowhere', { read: true }));
      for (const path of directories) await fails('EISDIR', () => fx.open(path, { read: true }));
      await fails('ENOTDIR', () => fx.open(`${longest.path}/below`, { read: true }));
    });
  });

  group('read-only: readFileRange', ['readFileRange'], () => {
    test('gives the exact bytes of a range, fewer only at the end', async (fx) => {
      await assertRanges(longest.content, (offset, length) =>
        fx.readFileRange(longest.path, offset, length),
      );
    });

    test('gives nothing of an empty file', async (fx) => {
      for (const [path, { length }] of files) {
        if (length === 0) assert.equal((await fx.readFileRange(path, 0, 10)).length, 0);
      }
    });

    test('a missing file is ENOENT, a directory EISDIR, a path through a file ENOTDIR', async (fx) => {
      await fails('ENOENT', () => fx.readFileRange('/nowhere', 0, 1));
      for (const path of directories) await fails('EISDIR', () => fx.readFileRange(path, 0, 1));
      await fails('ENOTDIR', () => fx.readFileRange(`${longest.path}/below`, 0, 1));
    });
  });

  group('read-only: readFile', ['readFile'], () => {
    test('gives each file whole', async (fx) => {
      for (const [path, content] of files) assertBytes(await fx.readFile(path), content, path);
    });

    test('what it gave may be changed without changing the file', async (fx) => {
      (await fx.readFile(longest.path)).fill(0);
      assertBytes(await fx.readFile(longest.path), longest.content, 'read again');
    });

    test('a missing file is ENOENT, a directory EISDIR, a path through a file ENOTDIR', async (fx) => {
      await fails('ENOENT', () => fx.readFile('/nowhere'));
      for (const path of directories) await fails('EISDIR', () => fx.readFile(path));
      await fails('ENOTDIR', () => fx.readFile(`${longest.path}/below`));
    });
  });
};
