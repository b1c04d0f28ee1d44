import assert from 'node:assert/strict';
import { bytes } from './bytes.js';
import type { ContractFixture } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** Long ago, so that "now" cannot be mistaken for it. */
const OLD = new Date('2001-09-09T01:46:40Z');
const OLDER = new Date('1999-12-31T23:59:59Z');

/** Times (POSIX `utimensat`, and which operation marks which time for update). */
export const times: ContractGroup = ({ test, testInPlace, testDirectoryTime, group }) => {
  group('times', ['setAttributes'], () => {
    test('sets both times of a file, to the second', async (fx) => {
      await fx.put('/f', 'x');
      await fx.setAttributes('/f', { accessedAt: OLDER, modifiedAt: OLD });
      const info = await fx.info('/f');
      assert.deepEqual(seconds(info.accessedAt), seconds(OLDER));
      assert.deepEqual(seconds(info.modifiedAt), seconds(OLD));
    });

    test('sets both times of a directory', async (fx) => {
      await fx.makeDir('/d');
      await makeOld(fx, '/d');
      assert.equal(await isOld(fx, '/d'), true);
    });

    test('the times of an open file stay as set when it is closed', async (fx) => {
      const file = await fx.open('/f', { write: true, create: true });
      await file.write(bytes('x'), 0);
      await fx.setFileAttributes(file, '/f', { accessedAt: OLD, modifiedAt: OLD });
      await fx.close(file);
      assert.equal(await isOld(fx, '/f'), true);
    });

    test('size and times together leave the time that was asked for', async (fx) => {
      await fx.put('/f', 'hello');
      await fx.setAttributes('/f', { size: 1, accessedAt: OLD, modifiedAt: OLD });
      assert.equal(await isOld(fx, '/f'), true);
    });

    test('a write makes the modification time now', async (fx) => {
      await fx.put('/f', 'hello');
      await makeOld(fx, '/f');
      const file = await fx.open('/f', { write: true });
      assert.equal(await isOld(fx, '/f'), true, 'opening is no write');
      await file.write(bytes('j'), 0);
      await fx.close(file);
      assert.equal(await isNow(fx, '/f'), true);
    });

    test('a change of the size makes the modification time now', async (fx) => {
      await fx.put('/f', 'hello');
      await makeOld(fx, '/f');
      await fx.setAttributes('/f', { size: 2 });
      assert.equal(await isNow(fx, '/f'), true);
    });

    test('TRUNC makes the modification time now', async (fx) => {
      await fx.put('/f', 'hello');
      await makeOld(fx, '/f');
      await fx.close(await fx.open('/f', { write: true, truncate: true }));
      assert.equal(await isNow(fx, '/f'), true);
    });

    test('a read, a change of mode and a rename leave the modification time', async (fx) => {
      await fx.put('/f', 'hello');
      await makeOld(fx, '/f');
      await fx.get('/f');
      await fx.setAttributes('/f', { mode: 0o600 });
      await fx.rename('/f', '/g', false);
      assert.equal(await isOld(fx, '/g'), true);
    });

    testDirectoryTime(
      'each change of its entries makes the modification time of a directory now',
      async (fx) => {
        await fx.makeDir('/d');
        const changes: readonly (() => Promise<void>)[] = [
          () => fx.put('/d/f'),
          () => fx.makeDir('/d/e'),
          () => fx.rename('/d/f', '/d/g', false),
          () => fx.delDir('/d/e'),
          () => fx.delete('/d/g'),
        ];
        for (const change of changes) {
          await makeOld(fx, '/d');
          await change();
          assert.equal(await isNow(fx, '/d'), true, change.toString());
        }
      },
    );

    testDirectoryTime('a move from one directory to another marks both', async (fx) => {
      await fx.makeDir('/from');
      await fx.makeDir('/to');
      await fx.put('/from/f');
      await makeOld(fx, '/from');
      await makeOld(fx, '/to');
      await fx.rename('/from/f', '/to/f', false);
      assert.equal(await isNow(fx, '/from'), true);
      assert.equal(await isNow(fx, '/to'), true);
    });

    testInPlace('a write into a file does not mark its directory', async (fx) => {
      await fx.makeDir('/d');
      await fx.put('/d/f');
      await makeOld(fx, '/d');
      await fx.put('/d/f', 'more');
      assert.equal(await isOld(fx, '/d'), true);
    });
  });
};

async function makeOld(fx: ContractFixture, path: string): Promise<void> {
  await fx.setAttributes(path, { accessedAt: OLD, modifiedAt: OLD });
}

async function isOld(fx: ContractFixture, path: string): Promise<boolean> {
  return seconds((await fx.info(path)).modifiedAt) === seconds(OLD);
}

async function isNow(fx: ContractFixture, path: string): Promise<boolean> {
  const { modifiedAt } = await fx.info(path);
  return modifiedAt !== undefined && Math.abs(modifiedAt.getTime() - Date.now()) < 120_000;
}

function seconds(date: Date | undefined): number | undefined {
  return date && Math.floor(date.getTime() / 1000);
}
