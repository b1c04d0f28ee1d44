import assert from 'node:assert/strict';
import { toSftpError } from '../../filesystem/sftp-error.js';
import { bytes, pattern } from './bytes.js';
import { contentOf, UPLOAD } from './fixture.js';
import type { ContractGroup } from './suite.js';

/** What a backend promises whose uploads appear on close, whole or not at all. */
export const uploadsOnClose: ContractGroup = ({ uploads, test, group }) => {
  if (uploads !== 'on close') return;
  group('uploads on close', [], () => {
    test('a new file is not there before its close, and whole after it', async (fx) => {
      const content = pattern(300_000, 10);
      const file = await fx.open('/f', { read: true, ...UPLOAD });
      await file.write(content, 0);
      await fx.assertMissing('/f');
      await fx.assertNames('/', []);
      await fx.close(file);
      await fx.assertContent('/f', content);
      await fx.assertNames('/', ['f']);
    });

    test('a file that is replaced keeps its content until the close', async (fx) => {
      await fx.put('/f', 'old content');
      const file = await fx.open('/f', { read: true, ...UPLOAD });
      await file.write(bytes('new'), 0);
      await fx.assertContent('/f', 'old content');
      assert.equal((await contentOf(file)).toString(), 'new');
      await fx.close(file);
      await fx.assertContent('/f', 'new');
    });

    test('abort of a new file leaves nothing', async (fx) => {
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('part'), 0);
      await fx.abort(file);
      await fx.assertMissing('/f');
      await fx.assertNames('/', []);
    });

    test('abort of a replacement leaves the old file', async (fx) => {
      await fx.put('/f', 'old content');
      const file = await fx.open('/f', UPLOAD);
      await file.write(bytes('part'), 0);
      await fx.abort(file);
      await fx.assertContent('/f', 'old content');
      await fx.assertNames('/', ['f']);
    });

    test('of two EXCL uploads of one name exactly one succeeds, at its close', async (fx) => {
      const outcomes: string[] = [];
      const open = async (): Promise<() => Promise<void>> => {
        const file = await fx.open('/f', { ...UPLOAD, exclusive: true });
        return () => fx.close(file);
      };
      const closes = await Promise.allSettled([open(), open()]);
      for (const opened of closes) {
        try {
          if (opened.status === 'rejected') throw opened.reason;
          await opened.value();
          outcomes.push('ok');
        } catch (error) {
          outcomes.push(toSftpError(error).code);
        }
      }
      assert.deepEqual(outcomes.sort(), ['EEXIST', 'ok']);
      await fx.assertNames('/', ['f']);
    });
  });
};
