import { putFile } from '../../support/raw-files.js';
import { mkdir, posixRename, remove, rename, rmdir, setstat } from '../../support/raw-requests.js';
import type { Story } from '../support/story.js';
import { expectStatus } from './steps.js';

/** What happens to names. */
export const CHANGES: readonly Story[] = [
  {
    what: 'a directory is made and removed',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await sftp.ok(mkdir('/d'));
      await sftp.ok(mkdir('/d/e'));
      await sftp.ok(rmdir('/d/e'));
      await sftp.ok(rmdir('/d'));
    },
    events: [
      'session.opened',
      'directory.created /d',
      'directory.created /d/e',
      'directory.removed /d/e',
      'directory.removed /d',
      'session.closed',
    ],
  },
  {
    what: 'a directory with a file in it is renamed: one event, for the directory',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await sftp.ok(mkdir('/d'));
      await putFile(sftp, '/d/f', 'content');
      await sftp.ok(rename('/d', '/e'));
      await sftp.ok(remove('/e/f'));
    },
    events: [
      'session.opened',
      'directory.created /d',
      'upload.started /d/f',
      'upload.completed /d/f (7 sent, 7 stored)',
      'file.renamed /d -> /e',
      'file.removed /e/f',
      'session.closed',
    ],
  },
  {
    what: 'a file is uploaded beside another one and takes its place',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const sftp = await stage.channel();
      await putFile(sftp, '/f.new', 'content');
      await sftp.ok(posixRename('/f.new', '/f'));
    },
    events: [
      'session.opened',
      'upload.started /f.new',
      'upload.completed /f.new (7 sent, 7 stored)',
      'file.renamed /f.new -> /f (overwriting)',
      'session.closed',
    ],
  },
  {
    what: 'what has failed is not told',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await stage.ground.probe.put('/g', Buffer.from('old'));
      await stage.ground.probe.makeDir('/d');
      const sftp = await stage.channel();
      await expectStatus(sftp, mkdir('/d'), 'FAILURE');
      await expectStatus(sftp, rmdir('/missing'), 'NO_SUCH_FILE');
      await expectStatus(sftp, remove('/missing'), 'NO_SUCH_FILE');
      await expectStatus(sftp, remove('/d'), 'FAILURE');
      await expectStatus(sftp, rename('/missing', '/e'), 'NO_SUCH_FILE');
      await expectStatus(sftp, rename('/f', '/g'), 'FAILURE');
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'a change of attributes is no event',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const sftp = await stage.channel();
      await sftp.ok(setstat('/f', { permissions: 0o600 }));
    },
    events: ['session.opened', 'session.closed'],
  },
];
