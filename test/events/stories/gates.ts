import { buffer } from 'node:stream/consumers';

import { expect } from '@jest/globals';
import { type CommitGateContext, SftpError } from 'nestjs-sftpd';

import { putFile } from '../../support/raw-files.js';
import {
  close,
  mkdir,
  open,
  posixRename,
  type RawRequest,
  remove,
  rename,
  rmdir,
  write,
} from '../../support/raw-requests.js';
import { FXF } from '../../support/raw-wire.js';
import type { Story } from '../support/story.js';
import { begin, expectStatus, expectStored } from './steps.js';

const REASON = 'It carries a virus';

/** What gates see, and what their verdicts do. */
export const GATE_STORIES: readonly Story[] = [
  {
    what: 'a veto at the commit of a new file leaves no file where uploads are staged',
    happens: async (stage) => {
      stage.gates.set('upload.commit', () => REASON);
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'new');
      await expectStatus(sftp, close(handle), 'PERMISSION_DENIED', REASON);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.aborted /f (gate, 3 sent)',
      'session.closed',
    ],
    then: async (stage) => {
      if (!stage.subject.staged) return;
      await expectStored(stage, '/f', undefined);
      expect(await stage.ground.probe.names('/')).toEqual([]);
    },
  },
  {
    what: 'the gate of a commit reads the content before it is visible, and lets it pass',
    happens: async (stage) => {
      const contexts: CommitGateContext[] = [];
      const contents: (string | undefined)[] = [];
      stage.gates.set('upload.commit', async (context) => {
        contexts.push(context);
        contents.push(context.read && (await buffer(context.read())).toString());
        contents.push(context.read && (await buffer(context.read())).toString());
        if (stage.subject.staged) await expectStored(stage, '/f', 'old');
        return undefined;
      });
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await putFile(await stage.channel(), '/f', 'new content');
      expect(contents).toEqual(['new content', 'new content']);
      expect(contexts).toMatchObject([{ path: '/f', bytes: 11, size: 11 }]);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (11 sent, 11 stored)',
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', 'new content'),
  },
  {
    what: 'the gate of a commit is shown the whole of a resumed file',
    happens: async (stage) => {
      const seen: unknown[] = [];
      stage.gates.set('upload.commit', async ({ read, bytes, size }) => {
        seen.push({ bytes, size, content: read && (await buffer(read())).toString() });
      });
      await stage.ground.probe.put('/f', Buffer.from('first, '));
      const sftp = await stage.channel();
      const handle = await sftp.handle(open('/f', FXF.WRITE));
      await sftp.ok(appended(handle));
      await sftp.ok(close(handle));
      expect(seen).toEqual([{ bytes: 6, size: 13, content: 'first, second' }]);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (6 sent, 13 stored)',
      'session.closed',
    ],
  },
  {
    what: 'every gate is asked for what it guards, and for nothing else',
    happens: async (stage) => {
      const sftp = await stage.channel();
      await putFile(sftp, '/f', 'content');
      await sftp.ok(close(await sftp.handle(open('/f', FXF.READ))));
      await sftp.ok(rename('/f', '/g'));
      await putFile(sftp, '/f', 'new');
      await sftp.ok(posixRename('/f', '/g'));
      await sftp.ok(remove('/g'));
      await sftp.ok(mkdir('/d'));
      await sftp.ok(rmdir('/d'));
      expect(stage.gates.asked).toEqual([
        'upload.open',
        'upload.commit',
        'upload.acknowledge',
        'download.open',
        'file.rename',
        'upload.open',
        'upload.commit',
        'upload.acknowledge',
        'file.rename',
        'file.remove',
        'directory.create',
        'directory.remove',
      ]);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (7 sent, 7 stored)',
      'file.renamed /f -> /g',
      'upload.started /f',
      'upload.completed /f (3 sent, 3 stored)',
      'file.renamed /f -> /g (overwriting)',
      'file.removed /g',
      'directory.created /d',
      'directory.removed /d',
      'session.closed',
    ],
  },
  {
    what: 'a gate is not asked for a file that is not whole',
    over: ({ calls }) => calls.write !== undefined,
    happens: async (stage) => {
      const sftp = await stage.channel();
      const handle = await begin(sftp, '/f', 'part');
      stage.faults.fail(stage.subject.calls.write!, new SftpError('ENOSPC'));
      await sftp.outcome(appended(handle));
      await expectStatus(sftp, close(handle), 'FAILURE');
      expect(stage.gates.asked).toEqual(['upload.open']);
    },
    events: ['session.opened', 'upload.started /f', 'upload.aborted /f (write)', 'session.closed'],
  },
];

function appended(handle: Buffer): RawRequest {
  return write(handle, 7, 'second');
}
