import assert from 'node:assert/strict';
import { bytes, pattern } from './bytes.js';
import { fails } from './fixture.js';
import { settle } from './settle.js';
import type { ContractGroup } from './suite.js';

/** `writeFile`: a file made or replaced by its whole content. */
export const writeFile: ContractGroup = ({ test, group }) => {
  group('writeFile', ['writeFile'], () => {
    test('makes a file', async (fx) => {
      const content = pattern(1_000_001, 14);
      await fx.makeDir('/d');
      await fx.writeFile('/d/f', content);
      await fx.assertContent('/d/f', content);
      await fx.assertNames('/d', ['f']);
    });

    test('makes an empty file', async (fx) => {
      await fx.writeFile('/f', '');
      await fx.assertContent('/f', '');
    });

    test('replaces a longer file by a shorter one', async (fx) => {
      await fx.writeFile('/f', 'a long old content');
      await fx.writeFile('/f', 'short');
      await fx.assertContent('/f', 'short');
      await fx.assertNames('/', ['f']);
    });

    test('exclusive makes a missing file', async (fx) => {
      await fx.writeFile('/f', 'new', { exclusive: true });
      await fx.assertContent('/f', 'new');
    });

    test('exclusive over anything is EEXIST and keeps it', async (fx) => {
      await fx.put('/f', 'old');
      await fx.makeDir('/d');
      await fails('EEXIST', () => fx.writeFile('/f', 'new', { exclusive: true }));
      await fails('EEXIST', () => fx.writeFile('/d', 'new', { exclusive: true }));
      await fx.assertContent('/f', 'old');
      await fx.assertNames('/d', []);
    });

    test('of 10 exclusive calls for one name exactly one succeeds', async (fx) => {
      const outcomes = await settle(10, (index) =>
        fx.writeFile('/f', String(index), { exclusive: true }),
      );
      assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'EEXIST').length, 9);
      await fx.assertContent('/f', String(outcomes.indexOf('ok')));
    });

    test('10 calls at once for one name leave one of the contents, whole', async (fx) => {
      const contents = Array.from({ length: 10 }, (_, index) => pattern(50_000 + index, index));
      await Promise.all(contents.map((content) => fx.writeFile('/f', content)));
      const found = await fx.get('/f');
      assert.ok(contents.some((content) => content.equals(found)));
      await fx.assertNames('/', ['f']);
    });

    test('the memory of the content may be used again once it has settled', async (fx) => {
      const content = Buffer.alloc(200_000, 'A');
      await fx.writeFile('/f', content);
      content.fill(0);
      await fx.assertContent('/f', 'A'.repeat(200_000));
    });

    test('into a missing directory is ENOENT and makes nothing', async (fx) => {
      await fails('ENOENT', () => fx.writeFile('/nowhere/f', 'x'));
      await fx.assertNames('/', []);
    });

    test('over a directory is EISDIR and keeps it', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f', 'x');
      await fails('EISDIR', () => fx.writeFile('/d', bytes('new')));
      await fails('EISDIR', () => fx.writeFile('/', bytes('new')));
      await fx.assertContent('/d/f', 'x');
    });

    test('through a file is ENOTDIR and keeps it', async (fx) => {
      await fx.put('/f', 'hello');
      await fails('ENOTDIR', () => fx.writeFile('/f/below', 'x'));
      await fx.assertContent('/f', 'hello');
    });
  });

  group('writeFile, mode', ['writeFile', 'setAttributes'], () => {
    test('gives a new file the mode that is asked for, and leaves that of an old one', async (fx) => {
      await fx.writeFile('/f', 'x', { mode: 0o600 });
      assert.equal((await fx.info('/f')).mode, 0o600);
      await fx.writeFile('/f', 'y', { mode: 0o640 });
      assert.equal((await fx.info('/f')).mode, 0o600);
    });
  });
};
