import assert from 'node:assert/strict';
import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `delete` and `delDir` (POSIX `unlink` and `rmdir`). */
export const removing: ContractGroup = ({ test, group }) => {
  group('delete', [], () => {
    test('removes a file and nothing else', async (fx) => {
      await fx.put('/f', 'x');
      await fx.put('/g', 'y');
      await fx.delete('/f');
      await fx.assertMissing('/f');
      await fx.assertNames('/', ['g']);
    });

    test('does not bring back old content under the same name', async (fx) => {
      await fx.put('/f', 'old content');
      await fx.delete('/f');
      await fx.close(await fx.open('/f', { write: true, create: true }));
      await fx.assertContent('/f', '');
    });

    test('of a missing file is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.delete('/nowhere'));
    });

    test('of a file deleted before is ENOENT', async (fx) => {
      await fx.put('/f');
      await fx.delete('/f');
      await fails('ENOENT', () => fx.delete('/f'));
    });

    test('of a directory is EISDIR, even of an empty one', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.delete('/d'));
      assert.equal((await fx.info('/d')).type, 'directory');
    });

    test('of the root is EISDIR', async (fx) => {
      await fails('EISDIR', () => fx.delete('/'));
    });

    test('in a missing directory is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.delete('/nowhere/f'));
    });

    test('through a file is ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fails('ENOTDIR', () => fx.delete('/f/below'));
    });
  });

  group('delDir', [], () => {
    test('removes an empty directory', async (fx) => {
      await fx.makeDir('/d');
      await fx.delDir('/d');
      await fx.assertMissing('/d');
      await fx.assertNames('/', []);
    });

    test('removes a directory that was emptied', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fx.delete('/d/f');
      await fx.delDir('/d');
      await fx.assertMissing('/d');
    });

    test('of a directory with a file is ENOTEMPTY and keeps it', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fails('ENOTEMPTY', () => fx.delDir('/d'));
      await fx.assertContent('/d/f', 'x');
    });

    test('of a directory with an empty directory is ENOTEMPTY', async (fx) => {
      await fx.makeDir('/d');
      await fx.makeDir('/d/e');
      await fails('ENOTEMPTY', () => fx.delDir('/d'));
      await fx.assertNames('/d', ['e']);
    });

    test('of a missing directory is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.delDir('/nowhere'));
    });

    test('of a file is ENOTDIR and keeps it', async (fx) => {
      await fx.put('/f', 'x');
      await fails('ENOTDIR', () => fx.delDir('/f'));
      await fx.assertContent('/f', 'x');
    });

    test('through a file is ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fails('ENOTDIR', () => fx.delDir('/f/below'));
    });

    test('of the root is EBUSY, empty or not', async (fx) => {
      await fails('EBUSY', () => fx.delDir('/'));
      await fx.put('/f');
      await fails('EBUSY', () => fx.delDir('/'));
    });
  });
};
