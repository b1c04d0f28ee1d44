import assert from 'node:assert/strict';
import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `fileInfo`: the attributes of what a path names (`stat`). */
export const fileInfo: ContractGroup = ({ test, group }) => {
  group('fileInfo', [], () => {
    test('the root is a directory', async (fx) => {
      assert.equal((await fx.info('/')).type, 'directory');
    });

    test('a file is regular and has its size', async (fx) => {
      await fx.put('/file', 'twelve bytes');
      const info = await fx.info('/file');
      assert.equal(info.type, 'regular');
      assert.equal(info.size, 12);
    });

    test('an empty file has size 0', async (fx) => {
      await fx.put('/empty');
      assert.equal((await fx.info('/empty')).size, 0);
    });

    test('the size counts bytes, not characters', async (fx) => {
      await fx.put('/text', 'ü€😀');
      assert.equal((await fx.info('/text')).size, 9);
    });

    test('a directory is a directory', async (fx) => {
      await fx.makeDir('/dir');
      assert.equal((await fx.info('/dir')).type, 'directory');
    });

    test('the mode is permission bits without the file type', async (fx) => {
      await fx.put('/file');
      await fx.makeDir('/dir');
      for (const path of ['/file', '/dir', '/']) {
        const { mode } = await fx.info(path);
        if (mode !== undefined) assert.equal(mode & ~0o7777, 0, `mode of ${path}`);
      }
    });

    test('a file that was just made was modified just now', async (fx) => {
      const before = Date.now();
      await fx.put('/file', 'x');
      const { modifiedAt } = await fx.info('/file');
      assert.ok(modifiedAt, 'modifiedAt is given');
      assert.ok(modifiedAt.getTime() >= before - 2000, 'not earlier');
      assert.ok(modifiedAt.getTime() <= Date.now() + 2000, 'not later');
    });

    test('numbers are integers and not negative', async (fx) => {
      await fx.put('/file', 'x');
      const { size, uid = 0, gid = 0, links = 1 } = await fx.info('/file');
      for (const value of [size, uid, gid, links]) {
        assert.ok(Number.isSafeInteger(value) && value >= 0, String(value));
      }
    });

    test('a missing name is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.info('/nowhere'));
    });

    test('a name in a missing directory is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.info('/nowhere/file'));
    });

    test('a path through a file is ENOTDIR', async (fx) => {
      await fx.put('/file');
      await fails('ENOTDIR', () => fx.info('/file/below'));
    });
  });
};
