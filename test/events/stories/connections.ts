import { expect } from '@jest/globals';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { tryLogIn } from '../../server/support/log-in.js';
import { putFile } from '../../support/raw-files.js';
import { close, remove, rename, write } from '../../support/raw-requests.js';
import { MEMORY } from '../support/subjects.js';
import { channelOf } from '../support/stage.js';
import type { Story } from '../support/story.js';
import { begin, expectStored } from './steps.js';

/** Who comes and who does not get in; nothing of it depends on the storage. */
export const CONNECTIONS: readonly Story[] = [
  {
    what: 'nobody comes',
    happens: async () => undefined,
    events: [],
  },
  {
    what: 'a client logs in, does nothing and leaves; another one does the same',
    happens: async (stage) => {
      const dev = await stage.connect();
      const other = await stage.connect('other');
      await dev.end();
      await stage.recorder.until('session.closed');
      await other.end();
    },
    events: [
      'session.opened',
      'session.opened by other',
      'session.closed',
      'session.closed by other',
    ],
  },
  {
    what: 'a client does not get in: no session',
    happens: async (stage) => {
      await tryLogIn({ port: stage.port, username: 'eve', password: 'guess' });
      await stage.recorder.until('auth.failed');
    },
    events: ['auth.failed eve (password)'],
  },
  {
    what: 'a connection is refused for its address',
    options: { access: { deny: ['127.0.0.1'] } },
    happens: async (stage) => {
      await tryLogIn({ port: stage.port, password: 'dev' });
      await stage.recorder.until('connection.refused');
    },
    events: ['connection.refused (access)'],
  },
  {
    what: 'a second session of a user is refused: it was never open',
    options: { maxSessionsPerUser: 1 },
    happens: async (stage) => {
      await stage.connect();
      await tryLogIn({ port: stage.port, password: 'dev' });
      await stage.recorder.until('connection.refused');
    },
    events: ['session.opened', 'connection.refused (maxSessionsPerUser)', 'session.closed'],
  },
  {
    what: 'a second channel is refused, and the first one goes on',
    options: { maxChannels: 1 },
    happens: async (stage) => {
      const connection = await stage.connect();
      const sftp = await channelOf(connection);
      await expect(connection.channel()).rejects.toThrow('open failure');
      await putFile(sftp, '/f', 'content');
    },
    events: [
      'session.opened',
      'connection.refused (maxChannels)',
      'upload.started /f',
      'upload.completed /f (7 sent, 7 stored)',
      'session.closed',
    ],
  },
  {
    what: 'new connections are refused for a while, in which a running session goes on, with a new channel too',
    happens: async (stage) => {
      const dev = await stage.connect();
      const sftp = await channelOf(dev);
      const handle = await begin(sftp, '/f', 'first, ');
      stage.server.pause();
      expect(await tryLogIn({ port: stage.port, password: 'dev' })).not.toBe('logged in');
      await stage.recorder.until('connection.refused');
      await sftp.ok(write(handle, 7, 'second'));
      await sftp.ok(close(handle));
      await putFile(await channelOf(dev), '/g', 'third');
      stage.server.resume();
      await putFile(await stage.channel('other'), '/h', 'fourth');
    },
    events: [
      'session.opened',
      'upload.started /f',
      'connection.refused (paused)',
      'upload.completed /f (13 sent, 13 stored)',
      'upload.started /g',
      'upload.completed /g (5 sent, 5 stored)',
      'session.opened by other',
      'upload.started /h by other',
      'upload.completed /h (6 sent, 6 stored) by other',
      ['session.closed', 'session.closed by other'],
    ],
    then: (stage) => expectStored(stage, '/f', 'first, second'),
  },
  {
    what: 'a server that was paused is stopped and started again: it is paused still',
    happens: async (stage) => {
      stage.server.pause();
      await stage.server.stop();
      await stage.server.start();
      expect(await tryLogIn({ port: stage.port, password: 'dev' })).not.toBe('logged in');
      await stage.recorder.until('connection.refused');
    },
    events: ['server.stopped', 'server.listening', 'connection.refused (paused)'],
  },
  {
    what: 'a handler throws: the client does not learn of it, and other events come',
    happens: async (stage) => {
      stage.recorder.failsAt = 'upload.completed';
      const sftp = await stage.channel();
      await putFile(sftp, '/f', 'content');
      await sftp.ok(remove('/f'));
      expect(stage.errors).toEqual(['A listener of upload.completed failed']);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (7 sent, 7 stored)',
      'file.removed /f',
      'session.closed',
    ],
  },
  {
    what: 'backends with names in one tree: events carry the name of the one at work',
    over: (subject) => subject === MEMORY,
    options: {
      backends: { files: new MemoryBackend(), inbox: new MemoryBackend() },
      mounts: { '/': 'files', '/inbox': 'inbox' },
    },
    happens: async (stage) => {
      const sftp = await stage.channel();
      for (const path of ['/f', '/inbox/f']) {
        // The storage of the stage is not the one at work; it is told what it should show.
        await stage.ground.probe.makeDir('/inbox').catch(() => undefined);
        await stage.ground.probe.put(path, Buffer.from('content'));
        await putFile(sftp, path, 'content');
        await sftp.ok(rename(path, `${path}2`));
      }
      expect(backendsOf(stage.recorder.records)).toEqual([
        ...['files', 'files', 'files'],
        ...['inbox', 'inbox', 'inbox'],
      ]);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (7 sent, 7 stored)',
      'file.renamed /f -> /f2',
      'upload.started /inbox/f',
      'upload.completed /inbox/f (7 sent, 7 stored)',
      'file.renamed /inbox/f -> /inbox/f2',
      'session.closed',
    ],
  },
];

function backendsOf(records: readonly { readonly event: object }[]): unknown[] {
  return records.flatMap(({ event }) => ('backend' in event ? [event.backend] : []));
}
