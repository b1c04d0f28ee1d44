import assert from 'node:assert/strict';
import type { FileWriter } from '../../filesystem/file-writer.js';
import { bytes, pattern } from './bytes.js';
import { type ContractFixture, fails } from './fixture.js';
import { settle } from './settle.js';
import type { ContractGroup } from './suite.js';

/** `beginWrite`: a file written in order, which appears whole when its writer has finished. */
export const beginWrite: ContractGroup = ({ test, group }) => {
  group('beginWrite', ['beginWrite'], () => {
    test('a new file is not there before finish, and whole after it', async (fx) => {
      const writer = await fx.beginWrite('/f');
      await writer.write(0, bytes('one '));
      await fx.assertMissing('/f');
      await fx.assertNames('/', []);
      await writer.write(4, bytes('two'));
      await fx.assertMissing('/f');
      await fx.finish(writer);
      await fx.assertContent('/f', 'one two');
      await fx.assertNames('/', ['f']);
    });

    test('a file that is replaced keeps its content until finish', async (fx) => {
      await fx.put('/f', 'a long old content');
      const writer = await fx.beginWrite('/f');
      await writer.write(0, bytes('new'));
      await fx.assertContent('/f', 'a long old content');
      await fx.finish(writer);
      await fx.assertContent('/f', 'new');
      await fx.assertNames('/', ['f']);
    });

    test('finish without a write makes an empty file', async (fx) => {
      await fx.put('/old', 'content');
      await fx.finish(await fx.beginWrite('/f'));
      await fx.finish(await fx.beginWrite('/old'));
      await fx.assertContent('/f', '');
      await fx.assertContent('/old', '');
    });

    test('many chunks of many lengths make the file', async (fx) => {
      const content = pattern(2_000_000, 15);
      const lengths = [1, 32_768, 7, 261_120, 4095, 4096, 4097];
      await write(fx, '/f', content, (index) => lengths[index % lengths.length] ?? 1);
      await fx.assertContent('/f', content);
    });

    test('the memory of a chunk may be used again once its write has settled', async (fx) => {
      const writer = await fx.beginWrite('/f');
      const shared = Buffer.alloc(70_000);
      for (let part = 0; part < 4; part += 1) {
        shared.fill(65 + part);
        await writer.write(part * shared.length, shared);
      }
      shared.fill(0);
      await fx.finish(writer);
      const parts = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(shared.length));
      await fx.assertContent('/f', parts.join(''));
    });

    test('into a missing directory is ENOENT and makes nothing', async (fx) => {
      await fails('ENOENT', () => fx.beginWrite('/nowhere/f'));
      await fx.assertNames('/', []);
    });

    test('over a directory is EISDIR and keeps it', async (fx) => {
      await fx.makeDir('/d');
      await fails('EISDIR', () => fx.beginWrite('/d'));
      await fails('EISDIR', () => fx.beginWrite('/'));
      await fx.assertNames('/', ['d']);
    });

    test('through a file is ENOTDIR and keeps it', async (fx) => {
      await fx.put('/f', 'hello');
      await fails('ENOTDIR', () => fx.beginWrite('/f/below'));
      await fx.assertContent('/f', 'hello');
    });
  });

  group('beginWrite, abort', ['beginWrite'], () => {
    test('of a new file leaves nothing', async (fx) => {
      const writer = await fx.beginWrite('/f');
      await writer.write(0, pattern(300_000, 16));
      await fx.abort(writer);
      await fx.assertMissing('/f');
      await fx.assertNames('/', []);
    });

    test('of a replacement keeps the old file', async (fx) => {
      await fx.put('/f', 'old content');
      const writer = await fx.beginWrite('/f');
      await writer.write(0, bytes('new'));
      await fx.abort(writer);
      await fx.assertContent('/f', 'old content');
      await fx.assertNames('/', ['f']);
    });

    test('before the first write leaves nothing, and keeps an old file', async (fx) => {
      await fx.put('/old', 'content');
      await fx.abort(await fx.beginWrite('/f'));
      await fx.abort(await fx.beginWrite('/old'));
      await fx.assertContent('/old', 'content');
      await fx.assertNames('/', ['old']);
    });

    test('gives the name free for another writer', async (fx) => {
      const writer = await fx.beginWrite('/f', { exclusive: true });
      await writer.write(0, bytes('cut off'));
      await fx.abort(writer);
      await write(fx, '/f', bytes('whole'), () => 2, true);
      await fx.assertContent('/f', 'whole');
    });
  });

  group('beginWrite, exclusive', ['beginWrite'], () => {
    test('makes a missing file', async (fx) => {
      await write(fx, '/f', bytes('new'), () => 3, true);
      await fx.assertContent('/f', 'new');
    });

    test('over anything is EEXIST and keeps it', async (fx) => {
      await fx.put('/f', 'old');
      await fx.makeDir('/d');
      await fails('EEXIST', () => write(fx, '/f', bytes('new'), () => 3, true));
      await fails('EEXIST', () => write(fx, '/d', bytes('new'), () => 3, true));
      await fx.assertContent('/f', 'old');
      await fx.assertNames('/', ['d', 'f']);
    });

    test('over a file that was made meanwhile is EEXIST at finish and keeps it', async (fx) => {
      const writer = await fx.beginWrite('/f', { exclusive: true });
      await writer.write(0, bytes('late'));
      await fx.put('/f', 'early');
      await fails('EEXIST', () => fx.finish(writer));
      await fx.assertContent('/f', 'early');
      await fx.assertNames('/', ['f']);
    });

    test('of 10 writers of one name exactly one succeeds', async (fx) => {
      const outcomes = await settle(10, (index) =>
        write(fx, '/f', bytes(String(index)), () => 1, true),
      );
      assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'EEXIST').length, 9);
      await fx.assertContent('/f', String(outcomes.indexOf('ok')));
    });
  });

  group('beginWrite, several writers', ['beginWrite'], () => {
    test('of two files at once do not mix', async (fx) => {
      await Promise.all(
        [0, 1, 2, 3].map((index) => write(fx, `/f${index}`, pattern(500_000, index), () => 32_768)),
      );
      for (const index of [0, 1, 2, 3]) {
        await fx.assertContent(`/f${index}`, pattern(500_000, index));
      }
    });

    test('of one name do not mix: the last one to finish stays, whole', async (fx) => {
      const one = await fx.beginWrite('/f');
      const two = await fx.beginWrite('/f');
      await one.write(0, bytes('one one '));
      await two.write(0, bytes('two '));
      await one.write(8, bytes('one'));
      await two.write(4, bytes('two'));
      await fx.finish(two);
      await fx.assertContent('/f', 'two two');
      await fx.finish(one);
      await fx.assertContent('/f', 'one one one');
      await fx.assertNames('/', ['f']);
    });

    test('of one name: the abort of one leaves the other', async (fx) => {
      const one = await fx.beginWrite('/f');
      const two = await fx.beginWrite('/f');
      await one.write(0, bytes('one'));
      await two.write(0, bytes('two'));
      await fx.abort(one);
      await fx.finish(two);
      await fx.assertContent('/f', 'two');
    });
  });

  group('beginWrite, mode', ['beginWrite', 'setAttributes'], () => {
    test('gives a new file the mode that is asked for, and leaves that of an old one', async (fx) => {
      await fx.finish(await fx.beginWrite('/f', { mode: 0o600 }));
      assert.equal((await fx.info('/f')).mode, 0o600);
      await fx.finish(await fx.beginWrite('/f', { mode: 0o640 }));
      assert.equal((await fx.info('/f')).mode, 0o600);
    });
  });
};

/** Writes a whole file; its writer is aborted when one of its writes fails. */
async function write(
  fx: ContractFixture,
  path: string,
  content: Buffer,
  lengthOf: (index: number) => number,
  exclusive = false,
): Promise<void> {
  const writer: FileWriter = await fx.beginWrite(path, { exclusive });
  let offset = 0;
  for (let index = 0; offset < content.length; index += 1) {
    const chunk = content.subarray(offset, offset + lengthOf(index));
    await writer.write(offset, chunk);
    offset += chunk.length;
  }
  await fx.finish(writer);
}
