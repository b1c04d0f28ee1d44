import assert from 'node:assert/strict';
import { bytes } from './bytes.js';
import { contentOf, fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `hardLink`: several names for one file (POSIX `link`). */
export const hardLinks: ContractGroup = ({ test, testOfFile, group }) => {
  group('hardLink', ['hardLink'], () => {
    test('gives a file a second name with the same content', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/f', 'hello');
      await fx.hardLink('/f', '/d/g');
      await fx.assertContent('/d/g', 'hello');
      assert.equal((await fx.info('/d/g')).type, 'regular');
    });

    testOfFile('what is written by one name is read by the other', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.hardLink('/f', '/g');
      const file = await fx.open('/g', { write: true });
      await file.write(bytes('J'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'Jello');
    });

    test('counts the names', async (fx) => {
      await fx.put('/f', 'x');
      assert.equal((await fx.info('/f')).links ?? 1, 1);
      await fx.hardLink('/f', '/g');
      assert.equal((await fx.info('/f')).links, 2);
      assert.equal((await fx.info('/g')).links, 2);
      await fx.delete('/f');
      assert.equal((await fx.info('/g')).links ?? 1, 1);
    });

    test('the file lives until its last name is deleted', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.hardLink('/f', '/g');
      await fx.delete('/f');
      await fx.assertContent('/g', 'hello');
      await fx.delete('/g');
      await fx.assertNames('/', []);
    });

    testOfFile('a handle lives on when the last of two names is deleted', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.hardLink('/f', '/g');
      const file = await fx.open('/f', { read: true });
      await fx.delete('/f');
      await fx.delete('/g');
      assert.equal((await contentOf(file)).toString(), 'hello');
      await fx.close(file);
    });

    test('rename with overwrite onto another name of the same file does nothing', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.hardLink('/f', '/g');
      await fx.rename('/f', '/g', true);
      await fx.assertNames('/', ['f', 'g']);
      await fx.assertContent('/f', 'hello');
    });

    test('rename without overwrite onto another name of the same file is EEXIST', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.hardLink('/f', '/g');
      await fails('EEXIST', () => fx.rename('/f', '/g', false));
      await fx.assertNames('/', ['f', 'g']);
    });

    test('replacing one name leaves the file under the other', async (fx) => {
      await fx.put('/f', 'old');
      await fx.hardLink('/f', '/g');
      await fx.put('/new', 'new');
      await fx.rename('/new', '/f', true);
      await fx.assertContent('/f', 'new');
      await fx.assertContent('/g', 'old');
    });

    test('onto an existing name is EEXIST', async (fx) => {
      await fx.put('/f', 'x');
      await fx.put('/g', 'y');
      await fx.makeDir('/d');
      await fails('EEXIST', () => fx.hardLink('/f', '/g'));
      await fails('EEXIST', () => fx.hardLink('/f', '/d'));
      await fails('EEXIST', () => fx.hardLink('/f', '/f'));
      await fx.assertContent('/g', 'y');
    });

    test('of a missing file is ENOENT, into a missing directory too', async (fx) => {
      await fx.put('/f', 'x');
      await fails('ENOENT', () => fx.hardLink('/nowhere', '/g'));
      await fails('ENOENT', () => fx.hardLink('/f', '/nowhere/g'));
      await fx.assertNames('/', ['f']);
    });

    test('through a file is ENOTDIR', async (fx) => {
      await fx.put('/f', 'x');
      await fails('ENOTDIR', () => fx.hardLink('/f/below', '/g'));
      await fails('ENOTDIR', () => fx.hardLink('/f', '/f/below'));
    });

    test('of a directory is EPERM', async (fx) => {
      await fx.makeDir('/d');
      await fails('EPERM', () => fx.hardLink('/d', '/e'));
      await fx.assertNames('/', ['d']);
    });
  });

  group('hardLink of a symbolic link', ['hardLink', 'symlink', 'readLink'], () => {
    test('is another name of the link itself, as on Linux', async (fx) => {
      await fx.put('/f', 'x');
      await fx.symlink('/link', 'f');
      await fx.hardLink('/link', '/other');
      assert.equal(await fx.readLink('/other'), 'f');
    });
  });
};
