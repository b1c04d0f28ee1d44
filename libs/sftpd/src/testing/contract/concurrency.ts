import assert from 'node:assert/strict';
import { assertBytes, bytes, pattern } from './bytes.js';
import { UPLOAD } from './fixture.js';
import { settle } from './settle.js';
import type { ContractGroup } from './suite.js';

const SLOW_MS = 60_000;

/** Many calls at the same time. */
export const concurrency: ContractGroup = ({ test, group }) => {
  group('concurrency', [], () => {
    test('50 files made at once are all there with their own content', async (fx) => {
      const made = Array.from({ length: 50 }, (_, index) => `file-${index}`);
      await Promise.all(made.map((name) => fx.put(`/${name}`, `content of ${name}`)));
      await fx.assertNames('/', made);
      for (const name of made) await fx.assertContent(`/${name}`, `content of ${name}`);
    });

    test('20 reads at once on one handle each give their own bytes', async (fx) => {
      const content = pattern(20 * 40_000, 6);
      await fx.put('/f', content);
      const file = await fx.open('/f', { read: true });
      const reads = Array.from({ length: 20 }, async (_, index) => {
        const target = Buffer.alloc(40_000);
        const offset = index * target.length;
        assert.equal(await file.read(target, offset), target.length);
        assertBytes(target, content.subarray(offset, offset + target.length), `@${offset}`);
      });
      await Promise.all(reads);
      await fx.close(file);
    });

    test(
      'large uploads at once do not mix',
      async (fx) => {
        const upload = async (index: number): Promise<void> => {
          const content = pattern(1_000_000, index);
          const file = await fx.open(`/f${index}`, UPLOAD);
          for (let at = 0; at < content.length; at += 32_768) {
            await file.write(content.subarray(at, at + 32_768), at);
          }
          await fx.close(file);
        };
        await Promise.all([0, 1, 2, 3].map(upload));
        for (const index of [0, 1, 2, 3]) {
          await fx.assertContent(`/f${index}`, pattern(1_000_000, index));
        }
      },
      SLOW_MS,
    );

    test('of 10 exclusive creations of one name exactly one succeeds', async (fx) => {
      const outcomes = await settle(10, async (index) => {
        const file = await fx.open('/f', { ...UPLOAD, exclusive: true });
        await file.write(bytes(String(index)), 0);
        await fx.close(file);
      });
      assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'EEXIST').length, 9);
      await fx.assertContent('/f', String(outcomes.indexOf('ok')));
    });

    test('of 10 makeDir of one name exactly one succeeds', async (fx) => {
      const outcomes = await settle(10, () => fx.makeDir('/d'));
      assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'EEXIST').length, 9);
    });

    test('of 10 deletions of one file exactly one succeeds', async (fx) => {
      await fx.put('/f');
      const outcomes = await settle(10, () => fx.delete('/f'));
      assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'ENOENT').length, 9);
    });

    test('10 files renamed onto one name leave one of them, whole', async (fx) => {
      const all = Array.from({ length: 10 }, (_, index) => index);
      for (const index of all) await fx.put(`/f${index}`, pattern(5000, index));
      await Promise.all(all.map((index) => fx.rename(`/f${index}`, '/target', true)));
      await fx.assertNames('/', ['target']);
      const content = await fx.get('/target');
      assert.ok(all.some((index) => Buffer.compare(content, pattern(5000, index)) === 0));
    });
  });
};
