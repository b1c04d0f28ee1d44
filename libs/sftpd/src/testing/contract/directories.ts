import assert from 'node:assert/strict';
import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `makeDir` (POSIX `mkdir`). */
export const directories: ContractGroup = ({ test, group }) => {
  group('makeDir', [], () => {
    test('makes an empty directory', async (fx) => {
      await fx.makeDir('/d');
      assert.equal((await fx.info('/d')).type, 'directory');
      assert.deepEqual(await fx.entries('/d'), []);
    });

    test('makes directories in directories', async (fx) => {
      let path = '';
      for (let depth = 0; depth < 20; depth += 1) {
        path += `/level-${depth}`;
        await fx.makeDir(path);
      }
      await fx.put(`${path}/file`, 'deep');
      await fx.assertContent(`${path}/file`, 'deep');
      await fx.assertNames('/level-0', ['level-1']);
    });

    test('over a directory is EEXIST and keeps what it holds', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fails('EEXIST', () => fx.makeDir('/d'));
      await fx.assertNames('/d', ['f']);
    });

    test('over a file is EEXIST and keeps the file', async (fx) => {
      await fx.put('/f', 'x');
      await fails('EEXIST', () => fx.makeDir('/f'));
      await fx.assertContent('/f', 'x');
    });

    test('of the root is EEXIST', async (fx) => {
      await fails('EEXIST', () => fx.makeDir('/'));
    });

    test('in a missing directory is ENOENT and makes nothing', async (fx) => {
      await fails('ENOENT', () => fx.makeDir('/nowhere/d'));
      await fx.assertNames('/', []);
    });

    test('below a file is ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fails('ENOTDIR', () => fx.makeDir('/f/d'));
    });
  });

  group('makeDir, attributes', ['setAttributes'], () => {
    test('gives the directory the mode that is asked for', async (fx) => {
      await fx.makeDir('/d', { mode: 0o700 });
      assert.equal((await fx.info('/d')).mode, 0o700);
    });
  });
};
