import assert from 'node:assert/strict';
import { assertBytes, bytes, pattern } from './bytes.js';
import { contentOf, fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** The size as an attribute (POSIX `truncate` and `ftruncate`). */
export const sizeChanges: ContractGroup = ({ test, testOfFile, testSparse, group }) => {
  group('setAttributes, size', ['setAttributes'], () => {
    test('a smaller size cuts the file', async (fx) => {
      await fx.put('/f', 'hello world');
      await fx.setAttributes('/f', { size: 5 });
      assert.equal((await fx.info('/f')).size, 5);
      await fx.assertContent('/f', 'hello');
    });

    test('size 0 empties the file', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.setAttributes('/f', { size: 0 });
      await fx.assertContent('/f', '');
    });

    test('a larger size extends the file with zeros', async (fx) => {
      await fx.put('/f', 'ab');
      await fx.setAttributes('/f', { size: 5 });
      await fx.assertContent('/f', 'ab\0\0\0');
    });

    test('what was cut off does not come back when the file grows again', async (fx) => {
      const content = pattern(700_000, 7);
      await fx.put('/f', content);
      await fx.setAttributes('/f', { size: 300_001 });
      await fx.setAttributes('/f', { size: 700_000 });
      const expected = Buffer.alloc(700_000);
      content.copy(expected, 0, 0, 300_001);
      await fx.assertContent('/f', expected);
    });

    test('what was cut off does not come back when a write leaves a gap', async (fx) => {
      await fx.put('/f', 'abcdefgh');
      await fx.setAttributes('/f', { size: 2 });
      const file = await fx.open('/f', { write: true });
      await file.write(bytes('z'), 6);
      await fx.close(file);
      await fx.assertContent('/f', 'ab\0\0\0\0z');
    });

    test('an open file can be cut and extended', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true, write: true });
      await fx.setFileAttributes(file, '/f', { size: 2 });
      assert.equal((await contentOf(file)).toString(), 'he');
      await fx.setFileAttributes(file, '/f', { size: 4 });
      assert.equal((await contentOf(file)).toString(), 'he\0\0');
      await fx.close(file);
      await fx.assertContent('/f', 'he\0\0');
    });

    testOfFile('a handle appends at the end that the file has after a cut', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { write: true, append: true });
      await fx.setAttributes('/f', { size: 2 });
      await file.write(bytes('y'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'hey');
    });

    test('of a directory is EISDIR', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.setAttributes('/d', { size: 0 }));
    });

    test('size and mode are set together', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.setAttributes('/f', { size: 1, mode: 0o600 });
      const info = await fx.info('/f');
      assert.deepEqual([info.size, info.mode], [1, 0o600]);
    });
  });
  group('sparse files', ['setAttributes', 'openFile'], () => {
    testSparse('a file of 1 TiB with one byte at its end takes no such space', async (fx) => {
      await fx.put('/f');
      await fx.setAttributes('/f', { size: 2 ** 40 });
      const file = await fx.open('/f', { read: true, write: true });
      await file.write(bytes('!'), 2 ** 40);
      assert.equal((await file.stat()).size, 2 ** 40 + 1);
      const target = Buffer.alloc(4, '-');
      assert.equal(await file.read(target, 2 ** 40 - 2), 3);
      assertBytes(target, bytes('\0\0!-'), 'the end');
      await fx.close(file);
      await fx.setAttributes('/f', { size: 0 });
    });
  });
};
