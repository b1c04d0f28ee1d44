import assert from 'node:assert/strict';
import { assertBytes, bytes, pattern } from './bytes.js';
import { contentOf, fails, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

const MIB = 1024 * 1024;
const SLOW_MS = 60_000;

/** Reads and writes at any offset (POSIX `pread` and `pwrite`). */
export const readingAndWriting: ContractGroup = ({ test, testRewrite, group }) => {
  group('reading', [], () => {
    test('a read fills the whole target when the file has the bytes', async (fx) => {
      const content = pattern(300_000, 1);
      await fx.put('/f', content);
      const file = await fx.open('/f', { read: true });
      const target = Buffer.alloc(255 * 1024);
      assert.equal(await file.read(target, 1234), target.length);
      assertBytes(target, content.subarray(1234, 1234 + target.length), 'middle');
      await fx.close(file);
    });

    test('a read at the end gives the bytes that are left and touches no others', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true });
      const target = Buffer.alloc(5, '-');
      assert.equal(await file.read(target, 3), 2);
      assert.equal(target.toString(), 'lo---');
      await fx.close(file);
    });

    test('a read at the end or past it gives 0', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { read: true });
      assert.equal(await file.read(Buffer.alloc(4), 5), 0);
      assert.equal(await file.read(Buffer.alloc(4), 6), 0);
      assert.equal(await file.read(Buffer.alloc(4), 2 ** 40), 0);
      await fx.close(file);
    });

    test('reads in any order give the bytes of their offsets', async (fx) => {
      const content = pattern(1000, 2);
      await fx.put('/f', content);
      const file = await fx.open('/f', { read: true });
      for (const offset of [900, 0, 512, 511, 513, 999]) {
        const target = Buffer.alloc(10);
        const count = await file.read(target, offset);
        assertBytes(target.subarray(0, count), content.subarray(offset, offset + 10), `@${offset}`);
      }
      await fx.close(file);
    });

    test('every byte value survives', async (fx) => {
      const content = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
      await fx.put('/f', content);
      await fx.assertContent('/f', content);
    });
  });

  group('writing', [], () => {
    test('writes in order make the file', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('one '), 0);
      await file.write(bytes('two '), 4);
      await file.write(bytes('three'), 8);
      await fx.close(file);
      await fx.assertContent('/f', 'one two three');
    });

    test('writes out of order make the same file', async (fx) => {
      const content = pattern(200_000, 3);
      const starts = [150_000, 0, 100_000, 50_000];
      const file = await fx.open('/f', UPLOAD);
      for (const at of starts) await file.write(content.subarray(at, at + 50_000), at);
      await fx.close(file);
      await fx.assertContent('/f', content);
    });

    testRewrite('of overlapping writes the last one stays', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('aaaaaaaa'), 0);
      await file.write(bytes('bbbb'), 2);
      await file.write(bytes('cccc'), 4);
      await fx.close(file);
      await fx.assertContent('/f', 'aabbcccc');
    });

    test('a write over the end extends the file', async (fx) => {
      await fx.put('/f', 'hello');
      const file = await fx.open('/f', { write: true });
      await file.write(bytes('p, world'), 3);
      await fx.close(file);
      await fx.assertContent('/f', 'help, world');
    });

    test('a gap before a write reads as zeros', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('ab'), 0);
      await file.write(bytes('yz'), 600_000);
      await fx.close(file);
      const expected = Buffer.alloc(600_002);
      expected.write('ab', 0);
      expected.write('yz', 600_000);
      await fx.assertContent('/f', expected);
      const reader = await fx.open('/f', { read: true });
      for (const offset of [1, 2, 100_000, 599_999]) {
        const target = Buffer.alloc(5, '-');
        const count = await reader.read(target, offset);
        assertBytes(target.subarray(0, count), expected.subarray(offset, offset + 5), `@${offset}`);
      }
      await fx.close(reader);
    });

    test('a gap can be filled later', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('end'), 5);
      await file.write(bytes('start'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'startend');
    });

    test('a write of no bytes changes nothing, not even the size', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(Buffer.alloc(0), 100);
      assert.equal((await file.stat()).size, 0);
      await fx.close(file);
      await fx.assertContent('/f', '');
    });

    testRewrite('many small random writes make what a buffer would be', async (fx) => {
      const expected = Buffer.alloc(100_000);
      const dice = pattern(4 * 400, 4);
      const file = await fx.open('/f', UPLOAD);
      await file.write(expected, 0);
      for (let round = 0; round < 400; round += 1) {
        const offset = dice.readUInt32LE(round * 4) % 99_000;
        const data = pattern(1 + (offset % 1000), round);
        data.copy(expected, offset);
        await file.write(data, offset);
      }
      await fx.close(file);
      await fx.assertContent('/f', expected);
    });

    test('the buffer of a write may be used again once it has settled', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      const shared = Buffer.alloc(70_000);
      for (let part = 0; part < 4; part += 1) {
        shared.fill(65 + part);
        await file.write(shared, part * shared.length);
      }
      shared.fill(0);
      await fx.close(file);
      const parts = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(shared.length));
      await fx.assertContent('/f', parts.join(''));
    });

    test('a write is read back through the same handle before close', async (fx) => {
      const file = await fx.open('/f', { read: true, ...UPLOAD });
      await file.write(bytes('hello'), 0);
      assert.equal((await contentOf(file)).toString(), 'hello');
      await file.write(bytes('J'), 0);
      assert.equal((await contentOf(file)).toString(), 'Jello');
      await fx.close(file);
    });

    test(
      'a file of 8 MiB survives, in writes of 32 KiB and reads of 255 KiB',
      async (fx) => {
        const content = pattern(8 * MIB, 5);
        const file = await fx.open('/f', { read: true, ...UPLOAD });
        for (let at = 0; at < content.length; at += 32_768) {
          await file.write(content.subarray(at, at + 32_768), at);
        }
        assert.equal((await file.stat()).size, content.length);
        const target = Buffer.alloc(255 * 1024);
        for (let at = 0; at < content.length; at += target.length) {
          const count = await file.read(target, at);
          assertBytes(
            target.subarray(0, count),
            content.subarray(at, at + target.length),
            `@${at}`,
          );
        }
        await fx.close(file);
        await fx.assertContent('/f', content);
      },
      SLOW_MS,
    );
  });

  group('sync', ['supportsSync'], () => {
    test('every open file has it, also one that only reads', async (fx) => {
      await fx.put('/f', 'x');
      for (const flags of [
        { read: true },
        { write: true },
        { write: true, append: true },
        UPLOAD,
      ]) {
        const file = await fx.open('/f', flags);
        assert.equal(typeof file.sync, 'function');
        await file.sync?.();
        await fx.close(file);
      }
    });

    test('keeps what was written and the file goes on', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('one'), 0);
      await file.sync?.();
      await file.write(bytes('two'), 3);
      await fx.close(file);
      await fx.assertContent('/f', 'onetwo');
    });
  });

  group('abort', [], () => {
    test('leaves either nothing or exactly what was written', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('part'), 0);
      await fx.abort(file);
      if ((await fx.entries('/')).length === 0) await fails('ENOENT', () => fx.info('/f'));
      else await fx.assertContent('/f', 'part');
    });

    test('of a reader leaves the file as it was', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.abort(await fx.open('/f', { read: true }));
      await fx.assertContent('/f', 'hello');
    });
  });
};
