import assert from 'node:assert/strict';
import { assertBytes, pattern } from './bytes.js';
import { fails } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `readFile`: a file's whole content. */
export const readFile: ContractGroup = ({ test, group }) => {
  group('readFile', ['readFile'], () => {
    test('gives the whole content', async (fx) => {
      const content = pattern(1_000_001, 13);
      await fx.put('/f', content);
      const found = await fx.readFile('/f');
      assert.ok(found instanceof Uint8Array, 'bytes are given');
      assertBytes(found, content, '/f');
    });

    test('gives no bytes of an empty file', async (fx) => {
      await fx.put('/f');
      assert.equal((await fx.readFile('/f')).length, 0);
    });

    test('what it gave may be changed without changing the file', async (fx) => {
      await fx.put('/f', 'hello');
      (await fx.readFile('/f')).fill(0);
      assertBytes(await fx.readFile('/f'), Buffer.from('hello'), 'read again');
    });

    test('what it gave stays as it was when the file is replaced', async (fx) => {
      await fx.put('/f', 'old content');
      const found = await fx.readFile('/f');
      await fx.put('/f', 'new content');
      assertBytes(found, Buffer.from('old content'), 'read before');
      assertBytes(await fx.readFile('/f'), Buffer.from('new content'), 'read after');
    });

    test('of a missing file is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.readFile('/nowhere'));
      await fails('ENOENT', () => fx.readFile('/nowhere/f'));
    });

    test('of a directory is EISDIR', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.readFile('/d'));
      await fails('EISDIR', () => fx.readFile('/'));
    });

    test('through a file is ENOTDIR', async (fx) => {
      await fx.put('/f', 'hello');
      await fails('ENOTDIR', () => fx.readFile('/f/below'));
    });
  });
};
