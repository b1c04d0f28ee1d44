import { putFile } from '../../support/raw-files.js';
import { close, open, remove, rename, stat, write } from '../../support/raw-requests.js';
import { FXF } from '../../support/raw-wire.js';
import { channelOf } from '../support/stage.js';
import type { Story } from '../support/story.js';
import { begin, expectStatus, expectStored } from './steps.js';

/** Uploads beside one another, and names that files take when they are complete. */
export const SIDE_BY_SIDE: readonly Story[] = [
  {
    what: 'two uploads side by side on one channel, and a third on another one',
    happens: async (stage) => {
      const connection = await stage.connect();
      const [first, second] = [await channelOf(connection), await channelOf(connection)];
      const a = await begin(first, '/a', 'a');
      const b = await begin(first, '/b', 'bb');
      const c = await begin(second, '/c', 'ccc');
      await first.ok(close(b));
      await second.ok(close(c));
      await first.ok(close(a));
    },
    events: [
      'session.opened',
      'upload.started /a',
      'upload.started /b',
      'upload.started /c',
      'upload.completed /b (2 sent, 2 stored)',
      'upload.completed /c (3 sent, 3 stored)',
      'upload.completed /a (1 sent, 1 stored)',
      'session.closed',
    ],
  },
  {
    what: 'two sessions upload to one path at once',
    happens: async (stage) => {
      const dev = await stage.connect();
      const other = await stage.connect('other');
      const [ofDev, ofOther] = [await channelOf(dev), await channelOf(other)];
      const first = await begin(ofDev, '/f', 'dev!');
      const second = await begin(ofOther, '/f', 'abcd');
      await ofDev.ok(close(first));
      await stage.recorder.hasLooked();
      await ofOther.ok(close(second));
      await dev.end();
      await stage.recorder.until('session.closed');
      await other.end();
    },
    events: [
      'session.opened',
      'session.opened by other',
      'upload.started /f',
      'upload.started /f by other',
      'upload.completed /f (4 sent, 4 stored)',
      'upload.completed /f (4 sent, 4 stored) by other',
      'session.closed',
      'session.closed by other',
    ],
    then: (stage) => expectStored(stage, '/f', 'abcd'),
  },
  {
    what: 'a finished upload gets another name by a second session, while the first one uploads to the old name again',
    happens: async (stage) => {
      const dev = await stage.connect();
      const other = await stage.connect('other');
      const [ofDev, ofOther] = [await channelOf(dev), await channelOf(other)];
      await putFile(ofDev, '/f', 'first');
      await ofOther.ok(rename('/f', '/g'));
      await putFile(ofDev, '/f', 'second');
      // RENAME replaces nothing.
      await expectStatus(ofOther, rename('/f', '/g'), 'FAILURE');
      await other.end();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'session.opened by other',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'file.renamed /f -> /g by other',
      'upload.started /f',
      'upload.completed /f (6 sent, 6 stored)',
      'session.closed by other',
      'session.closed',
    ],
    then: async (stage) => {
      await expectStored(stage, '/f', 'second');
      await expectStored(stage, '/g', 'first');
    },
  },
  {
    what: 'an upload that is under way is no file yet that another session could rename or remove',
    over: ({ staged }) => staged,
    happens: async (stage) => {
      const ofDev = await stage.channel();
      const other = await stage.connect('other');
      const ofOther = await channelOf(other);
      const handle = await begin(ofDev, '/f', 'whole');
      await expectStatus(ofOther, rename('/f', '/g'), 'NO_SUCH_FILE');
      await expectStatus(ofOther, remove('/f'), 'NO_SUCH_FILE');
      await ofDev.ok(close(handle));
      await other.end();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'session.opened by other',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed by other',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'whole'),
  },
  {
    what: 'one session has two handles on one path',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const first = await begin(sftp, '/f', 'one!');
      const second = await begin(sftp, '/f', 'two!');
      await sftp.ok(close(first));
      await stage.recorder.hasLooked();
      await sftp.ok(close(second));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.started /f',
      'upload.completed /f (4 sent, 4 stored)',
      'upload.completed /f (4 sent, 4 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'two!'),
  },
  {
    what: 'WinSCP: a .filepart that takes its name when it is complete',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await putFile(sftp, '/f.txt.filepart', 'content');
      await expectStatus(sftp, stat('/f.txt'), 'NO_SUCH_FILE');
      await sftp.ok(rename('/f.txt.filepart', '/f.txt'));
    },
    events: [
      'session.opened',
      'upload.started /f.txt.filepart',
      'upload.completed /f.txt.filepart (7 sent, 7 stored)',
      'file.renamed /f.txt.filepart -> /f.txt',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f.txt', 'content'),
  },
  {
    what: 'WinSCP: a .filepart that was cut off, is resumed, and replaces an older file',
    happens: async (stage) => {
      await stage.ground.probe.put('/f.txt', Buffer.from('old'));
      await stage.ground.probe.put('/f.txt.filepart', Buffer.from('con'));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f.txt.filepart', FXF.WRITE | FXF.CREAT));
      await sftp.ok(write(handle, 3, 'tent'));
      await sftp.ok(close(handle));
      await sftp.ok(remove('/f.txt'));
      await sftp.ok(rename('/f.txt.filepart', '/f.txt'));
    },
    events: [
      'session.opened',
      'upload.started /f.txt.filepart',
      'upload.completed /f.txt.filepart (4 sent, 7 stored)',
      'file.removed /f.txt',
      'file.renamed /f.txt.filepart -> /f.txt',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f.txt', 'content'),
  },
];
