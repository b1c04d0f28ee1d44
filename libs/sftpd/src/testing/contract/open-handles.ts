import assert from 'node:assert/strict';
import { bytes } from './bytes.js';
import { contentOf, fails, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** Several handles on one file, and files that lose their name while they are open. */
export const openHandles: ContractGroup = ({ test, testInPlace, testOfFile, group }) => {
  group('open files', [], () => {
    test('stat tells the size with everything written so far', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('hello'), 0);
      const info = await file.stat();
      assert.equal(info.type, 'regular');
      assert.equal(info.size, 5);
      await fx.close(file);
    });

    testInPlace('what one handle writes another one reads', async (fx) => {
      const writer = await fx.open('/f', UPLOAD);
      const reader = await fx.open('/f', { read: true });
      await writer.write(bytes('hello'), 0);
      assert.equal((await contentOf(reader)).toString(), 'hello');
      await writer.write(bytes('p!'), 3);
      assert.equal((await contentOf(reader)).toString(), 'help!');
      await fx.close(writer);
      await fx.close(reader);
    });

    testInPlace('two writers of different parts both stay', async (fx) => {
      const one = await fx.open('/f', UPLOAD);
      const two = await fx.open('/f', { write: true });
      await one.write(bytes('left.'), 0);
      await two.write(bytes('right'), 5);
      await fx.close(two);
      await fx.close(one);
      await fx.assertContent('/f', 'left.right');
    });

    testInPlace('two appending handles never overwrite each other', async (fx) => {
      const flags = { write: true, append: true, create: true };
      const one = await fx.open('/f', flags);
      const two = await fx.open('/f', flags);
      await one.write(bytes('1'), 0);
      await two.write(bytes('2'), 0);
      await one.write(bytes('3'), 0);
      await fx.close(one);
      await fx.close(two);
      await fx.assertContent('/f', '123');
    });

    test('closing one handle leaves the other one working', async (fx) => {
      await fx.put('/f', 'hello');
      const one = await fx.open('/f', { read: true });
      const two = await fx.open('/f', { read: true });
      await fx.close(one);
      assert.equal((await contentOf(two)).toString(), 'hello');
      await fx.close(two);
    });

    testInPlace('TRUNC by one handle empties the file for the other', async (fx) => {
      await fx.put('/f', 'hello');
      const reader = await fx.open('/f', { read: true });
      await fx.close(await fx.open('/f', { write: true, truncate: true }));
      assert.equal(await reader.read(Buffer.alloc(5), 0), 0);
      assert.equal((await reader.stat()).size, 0);
      await fx.close(reader);
    });

    testOfFile('a file deleted while it is open stays readable', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true });
      await fx.delete('/f');
      await fx.assertMissing('/f');
      assert.equal((await contentOf(file)).toString(), 'hello');
      await fx.close(file);
      await fx.assertMissing('/f');
    });

    testInPlace(
      'a file deleted while it is open stays writable and does not come back',
      async (fx) => {
        const file = await fx.open('/f', { read: true, ...UPLOAD });
        await fx.delete('/f');
        await file.write(bytes('ghost'), 0);
        assert.equal((await contentOf(file)).toString(), 'ghost');
        await fx.close(file);
        await fx.assertNames('/', []);
      },
    );

    testOfFile('a new file under the name of a deleted one is another file', async (fx) => {
      await fx.put('/f', 'old');
      const old = await fx.open('/f', { read: true, write: true });
      await fx.delete('/f');
      await fx.put('/f', 'new');
      await old.write(bytes('OLD'), 0);
      assert.equal((await contentOf(old)).toString(), 'OLD');
      await fx.close(old);
      await fx.assertContent('/f', 'new');
    });

    testOfFile('a file replaced by a rename stays readable through its handle', async (fx) => {
      await fx.put('/f', 'old');
      await fx.put('/g', 'new');
      const old = await fx.open('/f', { read: true });
      await fx.rename('/g', '/f', true);
      assert.equal((await contentOf(old)).toString(), 'old');
      await fx.close(old);
      await fx.assertContent('/f', 'new');
    });

    testInPlace('a file renamed while it is written keeps its writer', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('one'), 0);
      await fx.rename('/f', '/g', false);
      await file.write(bytes('two'), 3);
      await fx.close(file);
      await fx.assertMissing('/f');
      await fx.assertContent('/g', 'onetwo');
    });

    testOfFile('a directory renamed while a file below is written keeps the writer', async (fx) => {
      await fx.makeDir('/d');
      const file = await fx.open('/d/f', UPLOAD);
      await fx.rename('/d', '/e', false);
      await file.write(bytes('data'), 0);
      await fx.close(file);
      await fx.assertContent('/e/f', 'data');
    });

    testInPlace('a directory that holds only a deleted, open file can be removed', async (fx) => {
      await fx.makeDir('/d');
      const file = await fx.open('/d/f', UPLOAD);
      await fx.delete('/d/f');
      await fx.delDir('/d');
      await file.write(bytes('data'), 0);
      await fx.close(file);
      await fx.assertNames('/', []);
    });

    testInPlace('a handle that is open does not make EXCL succeed', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await fails('EEXIST', () => fx.open('/f', { ...UPLOAD, exclusive: true }));
      await fx.close(file);
    });
  });
};
