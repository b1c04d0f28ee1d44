import assert from 'node:assert/strict';
import { bytes } from './bytes.js';
import { contentOf, fails, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** `openFile`: what each combination of flags does (POSIX `open`). */
export const openFlags: ContractGroup = ({ test, testInPlace, group }) => {
  group('openFile, flags', [], () => {
    test('READ opens an existing file', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true });
      assert.equal((await contentOf(file)).toString(), 'hello');
      await fx.close(file);
    });

    test('READ of a missing file is ENOENT and makes nothing', async (fx) => {
      await fails('ENOENT', () => fx.open('/f', { read: true }));
      await fx.assertNames('/', []);
    });

    test('WRITE without CREAT of a missing file is ENOENT and makes nothing', async (fx) => {
      await fails('ENOENT', () => fx.open('/f', { write: true }));
      await fx.assertNames('/', []);
    });

    test('WRITE|TRUNC without CREAT of a missing file is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.open('/f', { write: true, truncate: true }));
    });

    test('WRITE|APPEND without CREAT of a missing file is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.open('/f', { write: true, append: true }));
    });

    test('WRITE keeps the content and changes only what is written', async (fx) => {
      await fx.put('/f', 'hello world');
      const file = await fx.open('/f', { write: true });
      await file.write(bytes('J'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'Jello world');
    });

    test('WRITE, then close without a write, keeps the content', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.close(await fx.open('/f', { write: true }));
      await fx.assertContent('/f', 'hello');
    });

    testInPlace(
      'WRITE|CREAT makes a missing file, which is there before it is closed',
      async (fx) => {
        const file = await fx.open('/f', { write: true, create: true });
        assert.equal((await fx.info('/f')).size, 0);
        await fx.close(file);
        await fx.assertContent('/f', '');
      },
    );

    test('WRITE|CREAT keeps the content of an existing file', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.close(await fx.open('/f', { write: true, create: true }));
      await fx.assertContent('/f', 'hello');
    });

    testInPlace('WRITE|TRUNC empties an existing file at once', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { write: true, truncate: true });
      assert.equal((await fx.info('/f')).size, 0);
      await fx.close(file);
      await fx.assertContent('/f', '');
    });

    test('WRITE|CREAT|TRUNC replaces a longer file by a shorter one', async (fx) => {
      await fx.put('/f', 'a long old content');
      await fx.put('/f', 'short');
      await fx.assertContent('/f', 'short');
    });

    test('WRITE|CREAT|EXCL makes a missing file', async (fx) => {
      const file = await fx.open('/f', { write: true, create: true, exclusive: true });
      await file.write(bytes('new'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'new');
    });

    test('WRITE|CREAT|EXCL of an existing file is EEXIST and keeps it', async (fx) => {
      await fx.put('/f', 'old');
      await fails('EEXIST', () =>
        fx.open('/f', { write: true, create: true, exclusive: true, truncate: true }),
      );
      await fx.assertContent('/f', 'old');
    });

    test('WRITE|CREAT|EXCL of an existing directory is EEXIST', async (fx) => {
      await fx.makeDir('/d');
      await fails('EEXIST', () => fx.open('/d', { write: true, create: true, exclusive: true }));
    });

    test('READ|CREAT makes an empty file', async (fx) => {
      const file = await fx.open('/f', { read: true, create: true });
      assert.equal(await file.read(Buffer.alloc(4), 0), 0);
      await fx.close(file);
      await fx.assertContent('/f', '');
    });

    test('READ|WRITE reads and writes', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true, write: true });
      await file.write(bytes('HE'), 0);
      assert.equal((await contentOf(file)).toString(), 'HEllo');
      await fx.close(file);
    });

    test('READ|WRITE|CREAT|TRUNC starts empty', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true, ...UPLOAD });
      assert.equal((await contentOf(file)).length, 0);
      await fx.close(file);
    });

    test('WRITE|APPEND writes at the end whatever the offset', async (fx) => {
      await fx.put('/f', 'one,');
      const file = await fx.open('/f', { write: true, append: true });
      await file.write(bytes('two,'), 0);
      await file.write(bytes('three'), 1000);
      await fx.close(file);
      await fx.assertContent('/f', 'one,two,three');
    });

    test('WRITE|APPEND|CREAT makes a missing file', async (fx) => {
      const file = await fx.open('/f', { write: true, append: true, create: true });
      await file.write(bytes('first'), 7);
      await fx.close(file);
      await fx.assertContent('/f', 'first');
    });

    test('WRITE|APPEND|TRUNC starts empty and then appends', async (fx) => {
      await fx.put('/f', 'old');
      const file = await fx.open('/f', { write: true, append: true, truncate: true });
      await file.write(bytes('a'), 5);
      await file.write(bytes('b'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'ab');
    });

    test('READ|WRITE|APPEND reads at the offset that is named', async (fx) => {
      await fx.put('/f', 'abc');
      const file = await fx.open('/f', { read: true, write: true, append: true });
      await file.write(bytes('def'), 0);
      const target = Buffer.alloc(3);
      assert.equal(await file.read(target, 2), 3);
      assert.equal(target.toString(), 'cde');
      await fx.close(file);
    });

    test('a read on a write-only file is EBADF', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { write: true });
      await fails('EBADF', () => file.read(Buffer.alloc(4), 0));
      await fx.close(file);
    });

    test('a write on a read-only file is EBADF and changes nothing', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true });
      await fails('EBADF', () => file.write(bytes('X'), 0));
      await fx.close(file);
      await fx.assertContent('/f', 'hello');
    });

    test('a directory is EISDIR, whatever the flags', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.open('/d', { read: true }));
      await fails('EISDIR', () => fx.open('/d', { write: true }));
      await fails('EISDIR', () => fx.open('/d', { write: true, create: true }));
      await fails('EISDIR', () => fx.open('/d', { write: true, truncate: true }));
      await fails('EISDIR', () => fx.open('/', { read: true }));
      await fx.assertNames('/d', []);
    });

    test('CREAT in a missing directory is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.open('/nowhere/f', UPLOAD));
      await fx.assertNames('/', []);
    });

    test('a path through a file is ENOTDIR', async (fx) => {
      await fx.put('/f', 'hello');
      await fails('ENOTDIR', () => fx.open('/f/below', { read: true }));
      await fails('ENOTDIR', () => fx.open('/f/below', UPLOAD));
      await fx.assertContent('/f', 'hello');
    });
  });
};
