import assert from 'node:assert/strict';
import { assertBytes, pattern } from './bytes.js';
import { fails } from './fixture.js';
import { assertRanges } from './ranges.js';
import type { ContractGroup } from './suite.js';

/** `readFileRange`: a part of a file's content, by its path. */
export const readFileRange: ContractGroup = ({ test, group }) => {
  group('readFileRange', ['readFileRange'], () => {
    test('gives the exact bytes of a range, fewer only at the end', async (fx) => {
      const content = pattern(300_000, 11);
      await fx.put('/f', content);
      await assertRanges(content, (offset, length) => fx.readFileRange('/f', offset, length));
    });

    test('gives nothing of an empty file', async (fx) => {
      await fx.put('/f');
      assert.equal((await fx.readFileRange('/f', 0, 10)).length, 0);
      assert.equal((await fx.readFileRange('/f', 5, 10)).length, 0);
    });

    test('gives nothing at the end of a file or past it', async (fx) => {
      await fx.put('/f', 'hello');
      for (const offset of [5, 6, 2 ** 40]) {
        assert.equal((await fx.readFileRange('/f', offset, 4)).length, 0, `at ${offset}`);
      }
    });

    test('20 ranges at once each give their own bytes', async (fx) => {
      const content = pattern(20 * 40_000, 12);
      await fx.put('/f', content);
      const ranges = Array.from({ length: 20 }, async (_, index) => {
        const offset = index * 40_000;
        const found = await fx.readFileRange('/f', offset, 40_000);
        return { offset, found };
      });
      for (const { offset, found } of await Promise.all(ranges)) {
        assertBytes(found, content.subarray(offset, offset + 40_000), `@${offset}`);
      }
    });

    test('what it gave may be changed without changing the file', async (fx) => {
      await fx.put('/f', 'hello');
      (await fx.readFileRange('/f', 0, 5)).fill(0);
      assertBytes(await fx.readFileRange('/f', 0, 5), Buffer.from('hello'), 'read again');
    });

    test('gives the new content once a file was replaced', async (fx) => {
      await fx.put('/f', 'a long old content');
      assert.equal((await fx.readFileRange('/f', 0, 100)).length, 18);
      await fx.put('/f', 'new');
      assertBytes(await fx.readFileRange('/f', 0, 100), Buffer.from('new'), 'the new content');
    });

    test('of a missing file is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.readFileRange('/nowhere', 0, 1));
      await fails('ENOENT', () => fx.readFileRange('/nowhere/f', 0, 1));
    });

    test('of a directory is EISDIR', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.readFileRange('/d', 0, 1));
      await fails('EISDIR', () => fx.readFileRange('/', 0, 1));
    });

    test('through a file is ENOTDIR', async (fx) => {
      await fx.put('/f', 'hello');
      await fails('ENOTDIR', () => fx.readFileRange('/f/below', 0, 1));
    });
  });
};
