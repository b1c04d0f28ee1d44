import { expect } from '@jest/globals';
import { SftpError } from 'nestjs-sftpd';

import { putFile } from '../../support/raw-files.js';
import {
  close,
  mkdir,
  open,
  read,
  remove,
  rename,
  rmdir,
  write,
} from '../../support/raw-requests.js';
import { FXF } from '../../support/raw-wire.js';
import type { FaultPoint } from '../support/faults.js';
import { channelOf, type Stage } from '../support/stage.js';
import type { Subject } from '../support/subjects.js';
import type { Story } from '../support/story.js';
import { begin, CREATE, expectStatus, expectStored } from './steps.js';

const FULL = new SftpError('ENOSPC', 'The storage is full');
const BROKEN = new Error('The storage is broken');

const writes = ({ calls }: Subject): boolean => calls.write !== undefined;
/** Has open files of its own. */
const opens = ({ calls }: Subject): boolean => calls.open === 'openFile';
const aborts = ({ calls }: Subject): boolean => calls.abort !== undefined;

/** Calls of the backend that fail. */
export const FAILURES: readonly Story[] = [
  {
    what: 'the file cannot be opened: no upload begins',
    happens: async (stage) => {
      const sftp = await stage.channel();
      stage.faults.fail(stage.subject.calls.open, BROKEN);
      await expectStatus(sftp, open('/f', CREATE), 'FAILURE');
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'a write fails, and the client closes the file',
    over: writes,
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'part');
      stage.faults.fail(stage.subject.calls.write!, FULL);
      await expectStatus(sftp, write(handle, 4, 'more'), 'FAILURE', 'The storage is full');
      stage.faults.mend();
      await expectStatus(sftp, close(handle), 'FAILURE');
      await stage.recorder.until('upload.aborted');
      await putFile(sftp, '/g', 'whole');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (write)',
      'upload.started /g',
      'upload.completed /g (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.staged ? undefined : 'part'),
  },
  {
    what: 'a write fails, and those after it; the client closes the file',
    over: writes,
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', CREATE));
      stage.faults.fail(stage.subject.calls.write!, FULL);
      await sftp.pipeline([
        write(handle, 0, 'one'),
        write(handle, 3, 'two'),
        write(handle, 6, 'three'),
        close(handle),
      ]);
    },
    events: ['session.opened', 'upload.started /f', 'upload.aborted /f (write)', 'session.closed'],
  },
  {
    what: 'a write fails, and the client is gone without a CLOSE',
    over: writes,
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      const handle = await begin(sftp, '/f', 'part');
      stage.faults.fail(stage.subject.calls.write!, FULL);
      await expectStatus(sftp, write(handle, 4, 'more'), 'FAILURE');
      connection.ssh.destroy();
      await stage.recorder.until('session.closed');
    },
    events: ['session.opened', 'upload.started /f', 'upload.aborted /f (write)', 'session.closed'],
  },
  {
    what: 'a write fails, and so does the abort',
    over: (subject) => writes(subject) && aborts(subject),
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'part');
      stage.faults.fail(stage.subject.calls.write!, FULL);
      await expectStatus(sftp, write(handle, 4, 'more'), 'FAILURE');
      stage.faults.fail(stage.subject.calls.abort!, BROKEN);
      await expectStatus(sftp, close(handle), 'FAILURE');
    },
    events: ['session.opened', 'upload.started /f', 'upload.aborted /f (write)', 'session.closed'],
  },
  {
    what: 'a write takes longer than requestTimeout',
    over: writes,
    options: { requestTimeout: 100 },
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'part');
      const held = stage.faults.hold(stage.subject.calls.write!);
      await expectStatus(sftp, write(handle, 4, 'more'), 'FAILURE');
      held.release();
      await expectStatus(sftp, close(handle), 'FAILURE');
    },
    events: ['session.opened', 'upload.started /f', 'upload.aborted /f (write)', 'session.closed'],
  },
  {
    what: 'the commit fails; the next one does not',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      stage.faults.fail(stage.subject.calls.commit, FULL);
      await expectStatus(sftp, close(handle), 'FAILURE', 'The storage is full');
      stage.faults.mend();
      await putFile(sftp, '/f', 'again');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (commit, 5 sent)',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'again'),
  },
  {
    what: 'the commit takes longer than closeTimeout: its event waits for what comes of it, which is a file',
    options: { closeTimeout: 100 },
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      const held = stage.faults.hold(stage.subject.calls.commit);
      await expectStatus(sftp, close(handle), 'FAILURE');
      held.release();
      await stage.recorder.until('upload.completed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'whole'),
  },
  {
    what: 'the commit takes longer than closeTimeout, and fails after that',
    options: { closeTimeout: 100 },
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      const held = stage.faults.hold(stage.subject.calls.commit);
      await expectStatus(sftp, close(handle), 'FAILURE');
      held.release(BROKEN);
      await stage.recorder.until('upload.aborted');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (commit, 5 sent)',
      'session.closed',
    ],
  },
  {
    what: 'a file of which nothing can be told at its CLOSE (fileInfo) is stored for all that',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      stage.faults.fail('fileInfo', BROKEN);
      await sftp.ok(close(handle));
      stage.faults.mend();
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'whole'),
  },
  ...[new SftpError('EIO'), 'a call that never ends'].map((fault): Story => ({
    what: `a resumed upload whose size cannot be told at its CLOSE (${String(fault)}) is stored, and told with its size`,
    over: (subject) => writes(subject) && opens(subject) && !subject.gated,
    options: { requestTimeout: 200 },
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('the first half, '));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.WRITE));
      await sftp.ok(write(handle, 16, 'the second half'));
      plantFault(stage, 'file.stat', fault);
      await sftp.ok(close(handle));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (15 sent, 31 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'the first half, the second half'),
  })),
  ...[new SftpError('EIO'), 'a call that never ends'].map((fault): Story => ({
    what: `an upload whose size cannot be told to the gate of its commit (${String(fault)}) is not stored`,
    over: (subject) => opens(subject) && subject.gated,
    options: { requestTimeout: 200 },
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      plantFault(stage, 'file.stat', fault);
      await expectStatus(sftp, close(handle), 'FAILURE');
      expect(stage.gates.asked).toEqual(['upload.open']);
      await sftp.alive();
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (commit, 5 sent)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.staged ? 'old' : undefined),
  })),
  ...[new SftpError('EIO'), 'a call that never ends'].map((fault): Story => ({
    what: `an upload that the gate of its commit cannot read (${String(fault)}) is not passed unread`,
    over: (subject) => opens(subject) && subject.gated,
    options: { requestTimeout: 200, closeTimeout: 400 },
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      plantFault(stage, 'file.read', fault);
      await expectStatus(sftp, close(handle), 'FAILURE');
      expect(stage.gates.asked).toEqual(['upload.open']);
      await sftp.alive();
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (gate, 5 sent)',
      'session.closed',
    ],
  })),
  {
    what: 'the client is gone, and the abort fails',
    over: aborts,
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      await begin(sftp, '/f', 'part');
      stage.faults.fail(stage.subject.calls.abort!, BROKEN);
      connection.ssh.destroy();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 4 sent)',
      'session.closed',
    ],
  },
  {
    what: 'a file cannot be read to its end',
    over: ({ calls }) => calls.write === 'file.write',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('some content'));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.READ));
      stage.faults.fail('file.read', BROKEN);
      await expectStatus(sftp, read(handle, 0, 100), 'FAILURE');
      await sftp.ok(close(handle));
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'nothing can be removed, renamed or made',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await stage.ground.probe.makeDir('/d');
      const sftp = await stage.channel();
      for (const [point, request] of [
        ['delete', remove('/f')],
        ['rename', rename('/f', '/g')],
        ['makeDir', mkdir('/e')],
        ['delDir', rmdir('/d')],
      ] as const) {
        stage.faults.fail(point, BROKEN);
        await expectStatus(sftp, request, 'FAILURE');
      }
    },
    events: ['session.opened', 'session.closed'],
    then: (stage) => expectStored(stage, '/f', 'old'),
  },
];

/** @param fault what a call fails with; a text stands for a call that never ends */
function plantFault({ faults }: Stage, point: FaultPoint, fault: Error | string): void {
  if (typeof fault === 'string') faults.plant(point, () => new Promise(() => undefined));
  else faults.fail(point, fault);
}
