import { expect } from '@jest/globals';
import { type GateVerdict, type MaybePromise, SftpError, type SftpGateName } from 'nestjs-sftpd';

import {
  close,
  mkdir,
  open,
  type RawRequest,
  remove,
  rename,
  rmdir,
} from '../../support/raw-requests.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { FXF, type StatusName } from '../../support/raw-wire.js';
import type { Story } from '../support/story.js';
import { MEMORY } from '../support/subjects.js';
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
  /** What the file holds afterwards. @default what it did before */
  readonly stored?: string;
}

const ATTEMPTS: Readonly<Record<SftpGateName, Attempt>> = {
  'upload.open': { request: () => open('/f', CREATE) },
  'upload.commit': {
    request: async (sftp) => close(await begin(sftp, '/f', 'new content')),
    events: ['upload.started /f', 'upload.aborted /f (gate, 11 sent)'],
  },
  'upload.acknowledge': {
    request: async (sftp) => close(await begin(sftp, '/f', 'new content')),
    events: ['upload.started /f', 'upload.completed /f (11 sent, 11 stored)'],
    stored: 'new content',
  },
  'download.open': { request: () => open('/f', FXF.READ) },
  'file.remove': { request: () => remove('/f') },
  'file.rename': { request: () => rename('/f', '/g') },
  'directory.create': { request: () => mkdir('/e') },
  'directory.remove': { request: () => rmdir('/d') },
};

function refused(gate: SftpGateName, veto: Veto, over: Story['over']): Story {
  const { request, events = [], stored = 'old' } = ATTEMPTS[gate];
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
      if (kept) await expectStored(stage, '/f', stored);
      expect(await probe.info('/d')).toMatchObject({ type: 'directory' });
      expect(await probe.info('/e')).toBeUndefined();
      expect(await probe.info('/g')).toBeUndefined();
    },
  };
}

const GATES = Object.keys(ATTEMPTS) as SftpGateName[];

/** Each gate refuses in each way over memory; over the others, each in one way, and that of the commit in each. */
export const VETO_STORIES: readonly Story[] = GATES.flatMap((gate) =>
  VETOES.map((veto) =>
    refused(
      gate,
      veto,
      (subject) => subject === MEMORY || veto === BY_TEXT || gate === 'upload.commit',
    ),
  ),
);
