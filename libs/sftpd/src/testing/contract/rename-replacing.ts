import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `rename` with `overwrite` onto something that is there (POSIX `rename`). */
export const renameReplacing: ContractGroup = ({ test, group }) => {
  group('rename with overwrite', [], () => {
    test('replaces a file by a file', async (fx) => {
      await fx.put('/f', 'new');
      await fx.put('/g', 'old, and longer');
      await fx.rename('/f', '/g', true);
      await fx.assertNames('/', ['g']);
      await fx.assertContent('/g', 'new');
    });

    test('replaces a file in another directory', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/f', 'new');
      await fx.put('/d/f', 'old');
      await fx.rename('/f', '/d/f', true);
      await fx.assertNames('/', ['d']);
      await fx.assertContent('/d/f', 'new');
    });

    test('replaces an empty directory by a directory', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fx.makeDir('/e');
      await fx.rename('/d', '/e', true);
      await fx.assertNames('/', ['e']);
      await fx.assertContent('/e/f', 'x');
    });

    test('onto a directory that is not empty is ENOTEMPTY and keeps both', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fx.makeDir('/e');
      await fx.put('/e/g', 'y');
      await fails('ENOTEMPTY', () => fx.rename('/d', '/e', true));
      await fx.assertContent('/d/f', 'x');
      await fx.assertContent('/e/g', 'y');
    });

    test('of a file onto a directory is EISDIR', async (fx) => {
      await fx.put('/f', 'x');
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.rename('/f', '/d', true));
      await fx.assertContent('/f', 'x');
      await fx.assertNames('/d', []);
    });

    test('of a directory onto a file is ENOTDIR', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/f', 'x');
      await fails('ENOTDIR', () => fx.rename('/d', '/f', true));
      await fx.assertNames('/', ['d', 'f']);
      await fx.assertContent('/f', 'x');
    });

    test('of a file onto its own name changes nothing', async (fx) => {
      await fx.put('/f', 'x');
      await fx.rename('/f', '/f', true);
      await fx.assertNames('/', ['f']);
      await fx.assertContent('/f', 'x');
    });

    test('of a directory onto its own name changes nothing', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fx.rename('/d', '/d', true);
      await fx.assertContent('/d/f', 'x');
    });

    test('of a directory onto the directory that holds it is ENOTEMPTY', async (fx) => {
      await fx.makeDir('/d');
      await fx.makeDir('/d/sub');
      await fails('ENOTEMPTY', () => fx.rename('/d/sub', '/d', true));
      await fx.assertNames('/d', ['sub']);
    });

    test('onto the root is EBUSY', async (fx) => {
      await fx.makeDir('/d');
      await fails('EBUSY', () => fx.rename('/d', '/', true));
      await fx.assertNames('/', ['d']);
    });
  });
};
