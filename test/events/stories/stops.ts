import { once } from 'node:events';

import { expect } from '@jest/globals';

import { putFile } from '../../support/raw-files.js';
import { close, write } from '../../support/raw-requests.js';
import { within } from '../../support/raw-transport.js';
import { deferred } from '../support/faults.js';
import { channelOf, type Stage } from '../support/stage.js';
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
    what: 'a session is ended in the middle of its upload; that of another one comes to its end',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      const handle = await begin(sftp, '/f', 'part');
      const other = await stage.channel('other');
      const kept = await begin(other, '/g', 'whole');
      const closed = once(connection.ssh, 'close');
      expect(endSessionOf(stage, '/f')).toBe(true);
      await sftp.ended();
      expect(await sftp.outcome(write(handle, 4, 'more'))).toBe('CHANNEL ENDED');
      await within(closed, 'the end of the connection');
      await stage.recorder.until('session.closed');
      await other.ok(close(kept));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'session.opened by other',
      'upload.started /g by other',
      'upload.aborted /f (terminated, 4 sent)',
      'session.closed',
      'upload.completed /g (5 sent, 5 stored) by other',
      'session.closed by other',
    ],
    then: async (stage) => {
      await expectStored(stage, '/f', stage.subject.staged ? 'old' : 'part');
      await expectStored(stage, '/g', 'whole');
    },
  },
  {
    what: 'a session is ended while a write of its upload is under way',
    over: ({ calls }) => calls.write !== undefined,
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'part');
      const held = stage.faults.hold(stage.subject.calls.write!);
      sftp.post(write(handle, 4, 'more'));
      await held.called;
      expect(endSessionOf(stage, '/f')).toBe(true);
      await sftp.ended();
      held.release();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (terminated, 8 sent)',
      'session.closed',
    ],
  },
  {
    what: 'a session is ended in the middle of a commit, which comes to its end',
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'whole');
      const held = stage.faults.hold(stage.subject.calls.commit);
      sftp.post(close(handle));
      await held.called;
      expect(endSessionOf(stage, '/f')).toBe(true);
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

/** Ends the session that has a file open. @returns whether there was one */
function endSessionOf({ server }: Stage, path: string): boolean {
  const live = server
    .sessions()
    .find(({ transfers }) => transfers.some((transfer) => transfer.path === path));
  return live !== undefined && server.endSession(live.session.id);
}
