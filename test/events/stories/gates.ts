import { buffer } from 'node:stream/consumers';

import { expect } from '@jest/globals';
import {
  type CommitGateContext,
  type GateVerdict,
  type MaybePromise,
  SftpError,
  type SftpGateName,
} from 'nestjs-sftpd';

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
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { FXF, type StatusName } from '../../support/raw-wire.js';
import { MEMORY } from '../support/subjects.js';
import type { Story } from '../support/story.js';
import { begin, CREATE, expectStatus, expectStored } from './steps.js';

/** A way to refuse, and what the client is told then. */
interface Veto {
  readonly by: string;
  readonly decide: () => MaybePromise<GateVerdict>;
  readonly status: StatusName;
  readonly message: string | RegExp;
}

const REASON = 'It carries a virus';

const BY_TEXT: Veto = {
  by: 'a text',
  decide: () => REASON,
  status: 'PERMISSION_DENIED',
  message: REASON,
};

const VETOES: readonly Veto[] = [
  { by: 'false', decide: () => false, status: 'PERMISSION_DENIED', message: 'Refused' },
  BY_TEXT,
  {
    by: 'an SftpError',
    decide: () => {
      throw new SftpError('EDQUOT', 'The month is over');
    },
    status: 'FAILURE',
    message: 'The month is over',
  },
  {
    by: 'any other exception, of which the client learns nothing',
    decide: () => Promise.reject(new Error('the password of the scanner is x')),
    status: 'PERMISSION_DENIED',
    message: /^(?!.*scanner)/,
  },
  {
    by: 'taking longer than gateTimeout',
    decide: () => new Promise(() => undefined),
    status: 'PERMISSION_DENIED',
    message: 'Refused',
  },
];

/** What is refused: the request that comes to the gate, and what has been told by then. */
interface Attempt {
  readonly request: (sftp: RawSftpClient) => RawRequest | Promise<RawRequest>;
  readonly events?: readonly string[];
}

const ATTEMPTS: Readonly<Record<SftpGateName, Attempt>> = {
  'upload.open': { request: () => open('/f', CREATE) },
  'upload.commit': {
    request: async (sftp) => close(await begin(sftp, '/f', 'new content')),
    events: ['upload.started /f', 'upload.aborted /f (gate, 11 sent)'],
  },
  'download.open': { request: () => open('/f', FXF.READ) },
  'file.remove': { request: () => remove('/f') },
  'file.rename': { request: () => rename('/f', '/g') },
  'directory.create': { request: () => mkdir('/e') },
  'directory.remove': { request: () => rmdir('/d') },
};

function refused(gate: SftpGateName, veto: Veto, over: Story['over']): Story {
  const { request, events = [] } = ATTEMPTS[gate];
  return {
    what: `${gate} is refused by ${veto.by}`,
    ...(over !== undefined && { over }),
    options: veto.by.includes('gateTimeout') ? { gateTimeout: 100 } : {},
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await stage.ground.probe.makeDir('/d');
      stage.gates.set(gate, () => veto.decide());
      const sftp = await stage.channel();
      await expectStatus(sftp, await request(sftp), veto.status, veto.message);
      await sftp.alive();
    },
    events: ['session.opened', ...events, 'session.closed'],
    then: async (stage) => {
      const { probe } = stage.ground;
      const kept = gate !== 'upload.commit' || stage.subject.staged;
      if (kept) await expectStored(stage, '/f', 'old');
      expect(await probe.info('/d')).toMatchObject({ type: 'directory' });
      expect(await probe.info('/e')).toBeUndefined();
      expect(await probe.info('/g')).toBeUndefined();
    },
  };
}

const GATES = Object.keys(ATTEMPTS) as SftpGateName[];

/** Each gate refuses in each way over memory; over the others, each in one way, and that of the commit in each. */
const REFUSALS: readonly Story[] = GATES.flatMap((gate) =>
  VETOES.map((veto) =>
    refused(
      gate,
      veto,
      (subject) => subject === MEMORY || veto === BY_TEXT || gate === 'upload.commit',
    ),
  ),
);

/** What gates see, and what their verdicts do. */
export const GATE_STORIES: readonly Story[] = [
  ...REFUSALS,
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
        'download.open',
        'file.rename',
        'upload.open',
        'upload.commit',
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
