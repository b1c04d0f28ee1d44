import { expect } from '@jest/globals';

import { close, open, rename, write } from '../../support/raw-requests.js';
import { FXF } from '../../support/raw-wire.js';
import { channelOf } from '../support/stage.js';
import type { Story } from '../support/story.js';
import { begin, expectStatus, expectStored } from './steps.js';

/** What stands between a commit and the client's answer. */
export const ACKNOWLEDGEMENTS: readonly Story[] = [
  {
    what: 'the gate of an acknowledgement sees the file in its place, and the client waits for it',
    happens: async (stage) => {
      const order: string[] = [];
      stage.gates.set('upload.acknowledge', async ({ path, bytes, size, transferId }) => {
        await expectStored(stage, '/f', 'content');
        expect({ path, bytes, size }).toEqual({ path: '/f', bytes: 7, size: 7 });
        expect(transferId).not.toBe('');
        order.push('gate');
      });
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'content');
      // What a client sends without a wait for the answer is done after it all the same.
      const answers = [close(handle), rename('/f', '/g')].map(async (request) => {
        await sftp.ok(request);
        order.push('answer');
      });
      await Promise.all(answers);
      expect(order).toEqual(['gate', 'answer', 'answer']);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (7 sent, 7 stored)',
      'file.renamed /f -> /g',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/g', 'content'),
  },
  {
    what: 'an acknowledgement that is refused takes nothing back, and a second upload is one more',
    happens: async (stage) => {
      const sftp = await stage.channel();
      stage.gates.set('upload.acknowledge', () => 'It cannot be processed now');
      const refused = await begin(sftp, '/f', 'once');
      await expectStatus(sftp, close(refused), 'PERMISSION_DENIED', 'It cannot be processed now');
      await expectStored(stage, '/f', 'once');
      stage.gates.set('upload.acknowledge', () => true);
      await sftp.ok(close(await begin(sftp, '/f', 'twice')));
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (4 sent, 4 stored)',
      'upload.started /f',
      'upload.completed /f (5 sent, 5 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'twice'),
  },
  {
    what: 'the gate of an acknowledgement is told how large a resumed file is',
    happens: async (stage) => {
      const seen: unknown[] = [];
      stage.gates.set('upload.acknowledge', ({ bytes, size }) => {
        seen.push({ bytes, size });
      });
      await stage.ground.probe.put('/f', Buffer.from('first, '));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.WRITE));
      await sftp.ok(write(handle, 7, 'second'));
      await sftp.ok(close(handle));
      expect(seen).toEqual([{ bytes: 6, size: 13 }]);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (6 sent, 13 stored)',
      'session.closed',
    ],
  },
  {
    what: 'a client that leaves before its answer has uploaded nevertheless',
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      let pass = (_: undefined): void => undefined;
      const asked = new Promise<void>((resolve) => {
        stage.gates.set('upload.acknowledge', () => {
          resolve();
          return new Promise<undefined>((passed) => (pass = passed));
        });
      });
      sftp.post(close(await begin(sftp, '/f', 'content')));
      await asked;
      connection.ssh.destroy();
      await sftp.ended();
      pass(undefined);
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (7 sent, 7 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'content'),
  },
  {
    what: 'nobody is asked to acknowledge what a gate, a failure or a lost client has kept from being stored',
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      stage.gates.set('upload.commit', () => false);
      await expectStatus(sftp, close(await begin(sftp, '/f', 'no')), 'PERMISSION_DENIED');
      await begin(sftp, '/g', 'cut off');
      connection.ssh.destroy();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (gate, 2 sent)',
      'upload.started /g',
      'upload.aborted /g (disconnected, 7 sent)',
      'session.closed',
    ],
    then: async ({ gates }) => {
      expect(gates.asked).not.toContain('upload.acknowledge');
    },
  },
];
