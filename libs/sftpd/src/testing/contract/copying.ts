import assert from 'node:assert/strict';
import { bytes, pattern } from './bytes.js';
import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `copy` (`copy-file` of draft-ietf-secsh-filexfer-extensions-00). */
export const copying: ContractGroup = ({ test, group }) => {
  group('copy', ['copy'], () => {
    test('makes a second file with the same content', async (fx) => {
      const content = pattern(700_001, 8);
      await fx.makeDir('/d');
      await fx.put('/f', content);
      await fx.copy('/f', '/d/g', false);
      await fx.assertContent('/d/g', content);
      await fx.assertContent('/f', content);
    });

    test('copies an empty file', async (fx) => {
      await fx.put('/f');
      await fx.copy('/f', '/g', false);
      await fx.assertContent('/g', '');
    });

    test('makes an independent file', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.copy('/f', '/g', false);
      const file = await fx.open('/g', { write: true });
      await file.write(bytes('J'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'hello');
      await fx.assertContent('/g', 'Jello');
      await fx.delete('/f');
      await fx.assertContent('/g', 'Jello');
    });

    test('without overwrite onto a file is EEXIST and keeps it', async (fx) => {
      await fx.put('/f', 'new');
      await fx.put('/g', 'old');
      await fails('EEXIST', () => fx.copy('/f', '/g', false));
      await fx.assertContent('/g', 'old');
    });

    test('with overwrite replaces a file, also a longer one', async (fx) => {
      await fx.put('/f', 'new');
      await fx.put('/g', 'old and longer');
      await fx.copy('/f', '/g', true);
      await fx.assertContent('/g', 'new');
      await fx.assertNames('/', ['f', 'g']);
    });

    test('with overwrite onto itself keeps the content', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.copy('/f', '/f', true);
      await fx.assertContent('/f', 'hello');
      await fx.assertNames('/', ['f']);
    });

    test('of a directory is EISDIR', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.copy('/d', '/e', false));
      await fx.assertNames('/', ['d']);
    });

    test('onto a directory is EISDIR with overwrite, EEXIST without', async (fx) => {
      await fx.put('/f', 'x');
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.copy('/f', '/d', true));
      await fails('EEXIST', () => fx.copy('/f', '/d', false));
      await fx.assertNames('/d', []);
    });

    test('of a missing file is ENOENT, into a missing directory too', async (fx) => {
      await fx.put('/f', 'x');
      await fails('ENOENT', () => fx.copy('/nowhere', '/g', false));
      await fails('ENOENT', () => fx.copy('/f', '/nowhere/g', false));
      await fx.assertNames('/', ['f']);
    });
  });

  group('copy, attributes', ['copy', 'setAttributes'], () => {
    test('copies the permission bits', async (fx) => {
      await fx.put('/f', 'x');
      await fx.setAttributes('/f', { mode: 0o605 });
      await fx.copy('/f', '/g', false);
      assert.equal((await fx.info('/g')).mode, 0o605);
    });
  });

  group('copy, links', ['copy', 'symlink'], () => {
    test('of a link copies the file that it names', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.symlink('/link', 'f');
      await fx.copy('/link', '/g', false);
      await fx.assertContent('/g', 'hello');
      const copy = (await fx.entries('/')).find(({ name }) => name === 'g');
      assert.equal(copy?.info.type, 'regular');
    });
  });
};
