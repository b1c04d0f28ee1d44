import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { seededBytes } from '../../support/fixtures.js';
import type { Stage } from '../support/stage.js';
import type { Story } from '../support/story.js';
import { expectStored } from './steps.js';

const SIZE = 300_001;
const CONTENT = seededBytes(SIZE, 9);
const HALF = 150_000;

/** What OpenSSH's `sftp` does; times and permissions, which `-p` sets on the open file or after it, are no events. */
export const OPEN_SSH: readonly Story[] = [
  {
    what: 'put -p, rename, rm',
    options: { uploadDigest: 'sha256' },
    happens: async (stage) => {
      await local(stage, 'file', CONTENT);
      await (await stage.openSsh()).ok(['put -p file /f', 'rename /f /g', 'rm /g']);
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.completed /f (${SIZE} sent, ${SIZE} stored)`,
      'file.renamed /f -> /g (overwriting)',
      'file.removed /g',
      'session.closed',
    ],
  },
  {
    what: 'put of an empty file, put over it, get -p',
    options: { uploadDigest: 'sha256' },
    happens: async (stage) => {
      await local(stage, 'empty', Buffer.alloc(0));
      await local(stage, 'file', CONTENT);
      const sftp = await stage.openSsh();
      await sftp.ok(['put empty /f', 'put file /f', 'get -p /f back']);
    },
    events: [
      'session.opened',
      'upload.started /f',
      'upload.completed /f (0 sent, 0 stored)',
      'upload.started /f',
      `upload.completed /f (${SIZE} sent, ${SIZE} stored)`,
      `download.completed /f (${SIZE} sent)`,
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', CONTENT),
  },
  {
    what: 'reput of a file of which the first half is there',
    options: { uploadDigest: 'sha256' },
    happens: async (stage) => {
      await stage.ground.probe.put('/f', CONTENT.subarray(0, HALF));
      await local(stage, 'file', CONTENT);
      await (await stage.openSsh()).ok(['reput file /f']);
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.completed /f (${SIZE - HALF} sent, ${SIZE} stored)`,
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', CONTENT),
  },
  {
    what: 'mkdir, put -r of a directory, rename of a directory, rmdir',
    happens: async (stage) => {
      await mkdir(join(stage.props.home.path, 'tree'), { recursive: true });
      await local(stage, 'tree/file', CONTENT);
      const lines = ['mkdir /d', 'put -r tree /d', 'rename /d /e', 'rm /e/tree/file'];
      await (await stage.openSsh()).ok([...lines, 'rmdir /e/tree', 'rmdir /e']);
    },
    events: [
      'session.opened',
      'directory.created /d',
      'directory.created /d/tree',
      'upload.started /d/tree/file',
      `upload.completed /d/tree/file (${SIZE} sent, ${SIZE} stored)`,
      'file.renamed /d -> /e (overwriting)',
      'file.removed /e/tree/file',
      'directory.removed /e/tree',
      'directory.removed /e',
      'session.closed',
    ],
  },
  {
    what: 'put of a file that a gate refuses: the client fails, and what was refused stays nowhere',
    over: ({ gated }) => gated,
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await local(stage, 'file', CONTENT);
      stage.gates.set('upload.commit', () => 'It carries a virus');
      await (await stage.openSsh()).failing(['put file /f']);
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.aborted /f (gate, ${SIZE} sent)`,
      'session.closed',
    ],
    then: (stage) => expectStored(stage, '/f', stage.subject.staged ? 'old' : undefined),
  },
];

async function local({ props }: Stage, name: string, content: Buffer): Promise<void> {
  await writeFile(join(props.home.path, name), content);
}
