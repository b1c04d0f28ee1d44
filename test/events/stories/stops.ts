import { putFile } from '../../support/raw-files.js';
import { close, write } from '../../support/raw-requests.js';
import { within } from '../../support/raw-transport.js';
import { deferred } from '../support/faults.js';
import type { Story } from '../support/story.js';
import { begin, expectStored } from './steps.js';

/** The server stops while clients are there. */
export const STOPS: readonly Story[] = [
  {
    what: 'the application ends in the middle of an upload, which comes to its end in time',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'first, ');
      const ended = stage.app.close();
      await sftp.ok(write(handle, 7, 'second'));
      await sftp.ok(close(handle));
      await within(ended, 'the end of the application');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (13 sent, 13 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'first, second'),
  },
  {
    what: 'the application ends in the middle of two uploads, of which one comes to its end in time',
    options: { drainTimeout: 300 },
    happens: async (stage) => {
      const sftp = await stage.channel();
      await begin(sftp, '/f', 'part');
      const handle = await begin(sftp, '/g', 'whole');
      const ended = stage.app.close();
      await sftp.ok(close(handle));
      await within(ended, 'the end of the application');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.started /g',
      'upload.completed /g (5 sent, 5 stored)',
      'upload.aborted /f (terminated, 4 sent)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.staged ? undefined : 'part'),
  },
  {
    what: 'the application ends in the middle of a commit, which takes longer than drainTimeout',
    options: { drainTimeout: 100 },
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      const held = stage.faults.hold(stage.subject.calls.commit);
      sftp.post(close(handle));
      await held.called;
      const ended = stage.app.close();
      await sftp.ended();
      held.release();
      await within(ended, 'the end of the application');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
  },
  {
    what: 'the application ends while the gate of a commit decides, in time',
    over: ({ gated }) => gated,
    happens: async (stage) => {
      const asked = deferred();
      const decided = deferred();
      stage.gates.set('upload.commit', async () => {
        asked.resolve();
        await decided.promise;
        return true;
      });
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      const closed = sftp.status(close(handle));
      await within(asked.promise, 'the gate');
      const ended = stage.app.close();
      decided.resolve();
      await closed;
      await within(ended, 'the end of the application');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
  },
  {
    what: 'the application ends while a session does nothing',
    happens: async (stage) => {
      await stage.channel();
      await within(stage.app.close(), 'the end of the application');
    },
    events: ['session.opened', 'session.closed'],
  },
  {
    what: 'the server is stopped and started again',
    happens: async (stage) => {
      await putFile(await stage.channel(), '/f', 'one');
      await within(stage.server.stop(), 'the stop');
      await stage.server.start();
      await putFile(await stage.channel(), '/f', 'two');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (3 sent, 3 stored)',
      'session.closed',
      'server.stopped',
      'server.listening',
      'session.opened',
      'upload.started /f',
      'upload.completed /f (3 sent, 3 stored)',
      'session.closed',
    ],
  },
];
