import assert from 'node:assert/strict';
import { toSftpError } from '../../filesystem/sftp-error.js';
import { fails, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** Attributes but size and times (POSIX `chmod`, `chown`). */
export const setAttributes: ContractGroup = ({ test, group }) => {
  group('setAttributes, mode and owner', ['setAttributes'], () => {
    test('sets the permission bits of a file exactly', async (fx) => {
      await fx.put('/f', 'x');
      for (const mode of [0o600, 0o644, 0o444, 0o777, 0o4711, 0o640]) {
        await fx.setAttributes('/f', { mode });
        assert.equal((await fx.info('/f')).mode, mode);
      }
      await fx.assertContent('/f', 'x');
    });

    test('sets the permission bits of a directory exactly', async (fx) => {
      await fx.makeDir('/d');
      for (const mode of [0o700, 0o755, 0o1777]) {
        await fx.setAttributes('/d', { mode });
        const info = await fx.info('/d');
        assert.equal(info.mode, mode);
        assert.equal(info.type, 'directory');
      }
    });

    test('the mode shows in a listing too', async (fx) => {
      await fx.put('/f');
      await fx.setAttributes('/f', { mode: 0o604 });
      const [entry] = await fx.entries('/');
      assert.equal(entry?.info.mode, 0o604);
    });

    test('an open file can be given a mode', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await fx.setFileAttributes(file, '/f', { mode: 0o606 });
      assert.equal((await file.stat()).mode, 0o606);
      await fx.close(file);
      assert.equal((await fx.info('/f')).mode, 0o606);
    });

    test('openFile gives a file that it makes the mode that is asked for', async (fx) => {
      const file = await fx.open('/f', { ...UPLOAD, mode: 0o600 });
      await fx.close(file);
      // Bits that no usual umask takes away.
      assert.equal((await fx.info('/f')).mode, 0o600);
    });

    test('openFile leaves the mode of an existing file alone', async (fx) => {
      await fx.put('/f');
      await fx.setAttributes('/f', { mode: 0o604 });
      await fx.close(await fx.open('/f', { ...UPLOAD, mode: 0o640 }));
      assert.equal((await fx.info('/f')).mode, 0o604);
    });

    test('a file made with few rights can be written by the handle that made it', async (fx) => {
      const file = await fx.open('/f', { ...UPLOAD, mode: 0o400 });
      await file.write(Buffer.from('x'), 0);
      await fx.close(file);
      await fx.assertContent('/f', 'x');
      assert.equal((await fx.info('/f')).mode, 0o400);
    });

    test('a rename keeps the mode', async (fx) => {
      await fx.put('/f');
      await fx.setAttributes('/f', { mode: 0o601 });
      await fx.rename('/f', '/g', false);
      assert.equal((await fx.info('/g')).mode, 0o601);
    });

    test('setting the owner that a file has already changes nothing', async (fx) => {
      await fx.put('/f', 'x');
      const { uid = 0, gid = 0 } = await fx.info('/f');
      await fx.setAttributes('/f', { uid, gid });
      const after = await fx.info('/f');
      assert.deepEqual([after.uid ?? 0, after.gid ?? 0], [uid, gid]);
    });

    test('another owner is set as asked, or refused and not set', async (fx) => {
      await fx.put('/f', 'x');
      const before = await fx.info('/f');
      let expected = [12_345, 23_456];
      try {
        await fx.setAttributes('/f', { uid: 12_345, gid: 23_456 });
      } catch (error) {
        const { code } = toSftpError(error);
        assert.ok(['EPERM', 'EINVAL', 'ENOTSUP'].includes(code), code);
        expected = [before.uid ?? 0, before.gid ?? 0];
      }
      const after = await fx.info('/f');
      assert.deepEqual([after.uid ?? 0, after.gid ?? 0], expected);
    });

    test('no changes at all is no error', async (fx) => {
      await fx.put('/f', 'x');
      const before = await fx.info('/f');
      await fx.setAttributes('/f', {});
      const after = await fx.info('/f');
      assert.equal(after.mode, before.mode);
      assert.deepEqual(after.modifiedAt, before.modifiedAt);
    });

    test('of a missing name is ENOENT', async (fx) => {
      await fails('ENOENT', () => fx.setAttributes('/nowhere', { mode: 0o600 }));
      await fails('ENOENT', () => fx.setAttributes('/nowhere', {}));
    });

    test('through a file is ENOTDIR', async (fx) => {
      await fx.put('/f');
      await fails('ENOTDIR', () => fx.setAttributes('/f/below', { mode: 0o600 }));
    });
  });
};
