import { putFile, readAll } from '../../support/raw-files.js';
import { close, open, write } from '../../support/raw-requests.js';
import { within } from '../../support/raw-transport.js';
import { FXF } from '../../support/raw-wire.js';
import { channelOf } from '../support/stage.js';
import { deferred } from '../support/faults.js';
import type { Story } from '../support/story.js';
import { begin, CREATE, expectStored } from './steps.js';

/** Uploads whose client goes away in the middle. */
export const CUT_OFF: readonly Story[] = [
  {
    what: 'the channel is closed without a CLOSE, and the session goes on',
    happens: async (stage) => {
      const connection = await stage.connect();
      const first = await channelOf(connection);
      await begin(first, '/f', 'part');
      await first.destroy();
      await stage.recorder.until('upload.aborted');
      await putFile(await channelOf(connection), '/g', 'whole');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 4 sent)',
      'upload.started /g',
      'upload.completed /g (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.staged ? undefined : 'part'),
  },
  {
    what: 'EOF comes without a CLOSE',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await begin(sftp, '/f', 'part');
      sftp.eof();
      await sftp.ended();
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 4 sent)',
      'session.closed',
    ],
  },
  {
    what: 'the client says goodbye with a file open, before it has sent a byte of it',
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      await sftp.handle(open('/f', CREATE));
      await connection.end();
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 0 sent)',
      'session.closed',
    ],
  },
  {
    what: 'the connection breaks with two uploads and a download open; what was there before is still there',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await stage.ground.probe.put('/h', Buffer.from('read me'));
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      await begin(sftp, '/f', 'part');
      await begin(sftp, '/g', 'another');
      await readAll(sftp, await sftp.handle(open('/h', FXF.READ)));
      connection.ssh.destroy();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.started /g',
      ['upload.aborted /f (disconnected, 4 sent)', 'upload.aborted /g (disconnected, 7 sent)'],
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.staged ? 'old' : 'part'),
  },
  {
    what: 'the connection breaks while a write is under way',
    over: ({ calls }) => calls.write !== undefined,
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      const handle = await begin(sftp, '/f', 'part');
      const held = stage.faults.hold(stage.subject.calls.write!);
      sftp.post(write(handle, 4, 'more'));
      await held.called;
      connection.ssh.destroy();
      await sftp.ended();
      held.release();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 8 sent)',
      'session.closed',
    ],
  },
  {
    what: 'the connection breaks in the middle of the commit, which comes to its end',
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      const handle = await begin(sftp, '/f', 'whole');
      const held = stage.faults.hold(stage.subject.calls.commit);
      sftp.post(close(handle));
      await held.called;
      connection.ssh.destroy();
      await sftp.ended();
      held.release();
      await stage.recorder.until('session.closed');
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
    what: 'the connection breaks in the middle of the commit, which fails',
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      const handle = await begin(sftp, '/f', 'whole');
      const held = stage.faults.hold(stage.subject.calls.commit);
      sftp.post(close(handle));
      await held.called;
      connection.ssh.destroy();
      await sftp.ended();
      held.release(new Error('The storage is full'));
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (commit, 5 sent)',
      'session.closed',
    ],
  },
  {
    what: 'the connection breaks while the gate of the commit decides: the client had closed the file',
    over: ({ gated }) => gated,
    happens: async (stage) => {
      const asked = deferred();
      const decided = deferred();
      stage.gates.set('upload.commit', async () => {
        asked.resolve();
        await decided.promise;
        return true;
      });
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      sftp.post(close(await begin(sftp, '/f', 'whole')));
      await within(asked.promise, 'the gate');
      connection.ssh.destroy();
      await sftp.ended();
      decided.resolve();
      await stage.recorder.until('session.closed');
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
    what: 'the connection breaks while the gate of an OPEN decides: what has come is served, and ends with the session',
    over: ({ gated }) => gated,
    happens: async (stage) => {
      const asked = deferred();
      const decided = deferred();
      stage.gates.set('upload.open', async () => {
        asked.resolve();
        await decided.promise;
        return true;
      });
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      sftp.post(open('/f', CREATE));
      await within(asked.promise, 'the gate');
      connection.ssh.destroy();
      await sftp.ended();
      decided.resolve();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (disconnected, 0 sent)',
      'session.closed',
    ],
  },
  {
    what: 'a client that breaks the protocol loses its channel, and its upload',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await begin(sftp, '/f', 'part');
      sftp.sendBytes(Buffer.alloc(8, 0xff));
      await sftp.ended();
      await stage.recorder.until('upload.aborted');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'connection.refused (protocol)',
      'upload.aborted /f (terminated, 4 sent)',
      'session.closed',
    ],
  },
  {
    what: 'a client that falls silent is disconnected, and its upload ended by the server',
    options: { idleTimeout: 250 },
    happens: async (stage) => {
      const sftp = await stage.channel();
      await begin(sftp, '/f', 'part');
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'connection.refused (idleTimeout)',
      'upload.aborted /f (terminated, 4 sent)',
      'session.closed',
    ],
  },
];
