import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

const EITHER_WAY = [true, false] as const;

/** `rename` to a free name, and the mistakes that are the same with and without `overwrite`. */
export const renaming: ContractGroup = ({ test, group }) => {
  group('rename', [], () => {
    for (const overwrite of EITHER_WAY) {
      const how = overwrite ? 'with overwrite' : 'without overwrite';

      test(`renames a file, ${how}`, async (fx) => {
        await fx.put('/f', 'x');
        await fx.rename('/f', '/g', overwrite);
        await fx.assertNames('/', ['g']);
        await fx.assertContent('/g', 'x');
      });

      test(`moves a file to another directory, ${how}`, async (fx) => {
        await fx.makeDir('/a');
        await fx.makeDir('/b');
        await fx.put('/a/f', 'x');
        await fx.rename('/a/f', '/b/g', overwrite);
        await fx.assertNames('/a', []);
        await fx.assertContent('/b/g', 'x');
      });

      test(`renames a directory with all it holds, ${how}`, async (fx) => {
        await fx.makeDir('/d');
        await fx.makeDir('/d/sub');
        await fx.put('/d/f', 'one');
        await fx.put('/d/sub/g', 'two');
        await fx.rename('/d', '/e', overwrite);
        await fx.assertNames('/', ['e']);
        await fx.assertMissing('/d/f');
        await fx.assertContent('/e/f', 'one');
        await fx.assertContent('/e/sub/g', 'two');
      });

      test(`moves a directory into another, ${how}`, async (fx) => {
        await fx.makeDir('/d');
        await fx.put('/d/f', 'x');
        await fx.makeDir('/e');
        await fx.rename('/d', '/e/d', overwrite);
        await fx.assertNames('/', ['e']);
        await fx.assertContent('/e/d/f', 'x');
      });

      test(`a moved directory cannot be moved into itself at its new place, ${how}`, async (fx) => {
        await fx.makeDir('/d');
        await fx.makeDir('/e');
        await fx.rename('/d', '/e/d', overwrite);
        await fails('EINVAL', () => fx.rename('/e', '/e/d/e', overwrite));
        await fx.assertNames('/e', ['d']);
      });

      test(`to a name that begins with its own is no move into itself, ${how}`, async (fx) => {
        await fx.makeDir('/d');
        await fx.put('/d/f', 'x');
        await fx.rename('/d', '/d2', overwrite);
        await fx.assertContent('/d2/f', 'x');
      });

      test(`of a missing name is ENOENT, ${how}`, async (fx) => {
        await fails('ENOENT', () => fx.rename('/nowhere', '/g', overwrite));
        await fx.assertNames('/', []);
      });

      test(`into a missing directory is ENOENT, ${how}`, async (fx) => {
        await fx.put('/f', 'x');
        await fails('ENOENT', () => fx.rename('/f', '/nowhere/f', overwrite));
        await fx.assertContent('/f', 'x');
      });

      test(`through a file is ENOTDIR, ${how}`, async (fx) => {
        await fx.put('/f', 'x');
        await fx.put('/g', 'y');
        await fails('ENOTDIR', () => fx.rename('/f', '/g/f', overwrite));
        await fails('ENOTDIR', () => fx.rename('/f/below', '/h', overwrite));
        await fx.assertNames('/', ['f', 'g']);
      });

      test(`of a directory into itself is EINVAL, ${how}`, async (fx) => {
        await fx.makeDir('/d');
        await fx.makeDir('/d/sub');
        await fx.put('/d/f', 'x');
        await fails('EINVAL', () => fx.rename('/d', '/d/new', overwrite));
        await fails('EINVAL', () => fx.rename('/d', '/d/sub/new', overwrite));
        await fx.assertNames('/d', ['f', 'sub']);
      });

      test(`of the root is EBUSY, ${how}`, async (fx) => {
        await fails('EBUSY', () => fx.rename('/', '/d', overwrite));
      });
    }
  });

  group('rename without overwrite', [], () => {
    test('onto a file is EEXIST and keeps both', async (fx) => {
      await fx.put('/f', 'x');
      await fx.put('/g', 'y');
      await fails('EEXIST', () => fx.rename('/f', '/g', false));
      await fx.assertContent('/f', 'x');
      await fx.assertContent('/g', 'y');
    });

    test('onto an empty directory is EEXIST', async (fx) => {
      await fx.makeDir('/d');
      await fx.makeDir('/e');
      await fails('EEXIST', () => fx.rename('/d', '/e', false));
      await fx.assertNames('/', ['d', 'e']);
    });

    test('of a file onto a directory is EEXIST', async (fx) => {
      await fx.put('/f', 'x');
      await fx.makeDir('/d');
      await fails('EEXIST', () => fx.rename('/f', '/d', false));
      await fx.assertContent('/f', 'x');
    });

    test('of a directory onto a file is EEXIST', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/f', 'x');
      await fails('EEXIST', () => fx.rename('/d', '/f', false));
      await fx.assertContent('/f', 'x');
    });

    test('onto its own name is EEXIST', async (fx) => {
      await fx.put('/f', 'x');
      await fails('EEXIST', () => fx.rename('/f', '/f', false));
      await fx.assertContent('/f', 'x');
    });
  });
};
