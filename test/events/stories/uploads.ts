import { expect } from '@jest/globals';

import { putFile } from '../../support/raw-files.js';
import { close, copyData, fsetstat, open, write } from '../../support/raw-requests.js';
import { FXF } from '../../support/raw-wire.js';
import type { Story } from '../support/story.js';
import { begin, CREATE, expectStatus, expectStored } from './steps.js';

/** Uploads that come to their ends. */
export const UPLOADS: readonly Story[] = [
  {
    what: 'a new file',
    happens: async (stage) => putFile(await stage.channel(), '/f', 'hello'),
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'hello'),
  },
  {
    what: 'an empty file (touch): OPEN with CREAT and CLOSE',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await sftp.ok(close(await sftp.handle(open('/f', FXF.WRITE | FXF.CREAT))));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (0 sent, 0 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', ''),
  },
  {
    what: 'touch of a file that is there keeps it',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const sftp = await stage.channel();
      await sftp.ok(close(await sftp.handle(open('/f', FXF.WRITE | FXF.CREAT))));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (0 sent, 3 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'old'),
  },
  {
    what: 'a file that is opened for reading and writing, and not written',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const sftp = await stage.channel();
      await sftp.ok(close(await sftp.handle(open('/f', FXF.READ | FXF.WRITE))));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (0 sent, 3 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'old'),
  },
  {
    what: 'a file is overwritten by a shorter one',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await putFile(sftp, '/f', 'a long one');
      await putFile(sftp, '/f', 'short');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (10 sent, 10 stored)',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'short'),
  },
  {
    what: 'a few bytes of a file are replaced',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('0123456789'));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.READ | FXF.WRITE));
      await sftp.ok(write(handle, 4, 'ab'));
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (2 sent, 10 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', '0123ab6789'),
  },
  {
    what: 'an upload that was cut off is resumed',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('the first half, '));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.WRITE | FXF.CREAT));
      await sftp.ok(write(handle, 16, 'the second half'));
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (15 sent, 31 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'the first half, the second half'),
  },
  {
    what: 'something is appended to a file',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('one '));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.WRITE | FXF.APPEND));
      await sftp.ok(write(handle, 0, 'two '));
      await sftp.ok(write(handle, 0, 'three'));
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (9 sent, 13 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'one two three'),
  },
  {
    what: 'an upload whose pieces come in any order',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', CREATE));
      for (const [offset, text] of [
        [8, 'cccc'],
        [0, 'aaaa'],
        [4, 'bbbb'],
      ] as const) {
        await sftp.ok(write(handle, offset, text));
      }
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (12 sent, 12 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'aaaabbbbcccc'),
  },
  {
    what: 'an upload with a gap, which is zeros',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', CREATE));
      await sftp.ok(write(handle, 100, 'end'));
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (3 sent, 103 stored)',
      'session.closed',
    ],
  },
  {
    what: 'bytes that are sent twice',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'aaaa');
      const outcome = await sftp.outcome(write(handle, 1, 'bb'));
      expect(outcome).toBe(stage.subject.rewrites ? 'OK' : 'OP_UNSUPPORTED');
      await sftp.outcome(close(handle));
    },
    events: ({ rewrites }) => [
      'session.opened',
      'upload.started /f',
      rewrites ? 'upload.completed /f (6 sent, 4 stored)' : 'upload.aborted /f (write)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.rewrites ? 'abba' : undefined),
  },
  {
    what: 'an upload that is shortened before its CLOSE',
    over: ({ rewrites }) => rewrites,
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', '0123456789');
      await sftp.ok(fsetstat(handle, { size: 4n }));
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (10 sent, 4 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', '0123'),
  },
  {
    what: 'an upload that is a copy of another file (copy-data): the client has sent nothing',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('some content'));
      const sftp = await stage.channel();
      const source = await sftp.handle(open('/f', FXF.READ));
      const target = await sftp.handle(open('/g', CREATE));
      await sftp.ok(copyData(source, 0, 0, target, 0));
      await sftp.ok(close(target));
    },
    events: [
      'session.opened',
      'upload.started /g',
      'upload.completed /g (0 sent, 12 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/g', 'some content'),
  },
  {
    what: 'OPENs that are refused begin no upload: a name that is taken, one that is missing, a directory',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await stage.ground.probe.makeDir('/d');
      const sftp = await stage.channel();
      await expectStatus(sftp, open('/f', CREATE | FXF.EXCL), 'FAILURE');
      await expectStatus(sftp, open('/missing', FXF.WRITE), 'NO_SUCH_FILE');
      await expectStatus(sftp, open('/d', CREATE), 'FAILURE');
      await expectStatus(sftp, open('/missing/f', CREATE), 'NO_SUCH_FILE');
    },
    events: ['session.opened', 'session.closed'],
    then: (stage) => expectStored(stage, '/f', 'old'),
  },
];
