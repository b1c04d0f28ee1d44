import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { expect } from '@jest/globals';

import { seededBytes, sha256 } from '../../support/fixtures.js';
import { putFile } from '../../support/raw-files.js';
import { close, open, write } from '../../support/raw-requests.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { within } from '../../support/raw-transport.js';
import { channelOf, type Stage } from '../support/stage.js';
import type { Story } from '../support/story.js';
import { CREATE, expectStatus, expectStored } from './steps.js';

const MIB = 1024 * 1024;
/** Three parts of a multipart upload, of which the last is not full. */
const CONTENT = seededBytes(12 * MIB + 321, 7);
const SENT = CONTENT.length;
/** Two parts have been sent, and less than all. */
const HALF = 11 * MIB;
const PIECE = 256 * 1024 - 64;

/** Uploads that a store takes in several parts. */
export const LARGE: readonly Story[] = [
  {
    what: 'a large file',
    happens: async (stage) => putFile(await stage.channel(), '/f', CONTENT),
    events: [
      'session.opened',
      'upload.started /f',
      `upload.completed /f (${SENT} sent, ${SENT} stored)`,
      'session.closed',
    ],
    then: async (stage) => {
      await expectStored(stage, '/f', CONTENT);
      await expectOnly(stage, ['f']);
    },
  },
  {
    what: 'a large file that replaces another one',
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      await putFile(await stage.channel(), '/f', CONTENT);
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.completed /f (${SENT} sent, ${SENT} stored)`,
      'session.closed',
    ],
    then: async (stage) => {
      await expectStored(stage, '/f', CONTENT);
      await expectOnly(stage, ['f']);
    },
  },
  {
    what: 'a large file whose client is gone in the middle',
    happens: async (stage) => {
      const connection = await stage.connect();
      await sendHalf(await channelOf(connection));
      await untilUnderWay(stage);
      connection.ssh.destroy();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.aborted /f (disconnected, ${HALF} sent)`,
      'session.closed',
    ],
    then: async (stage) => {
      const { staged } = stage.subject;
      await expectStored(stage, '/f', staged ? undefined : CONTENT.subarray(0, HALF));
      await expectOnly(stage, staged ? [] : ['f']);
    },
  },
  {
    what: 'a large file that was to replace another one, and whose client is gone in the middle',
    over: ({ staged }) => staged,
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const connection = await stage.connect();
      await sendHalf(await channelOf(connection));
      await untilUnderWay(stage);
      connection.ssh.destroy();
      await stage.recorder.until('session.closed');
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.aborted /f (disconnected, ${HALF} sent)`,
      'session.closed',
    ],
    then: async (stage) => {
      await expectStored(stage, '/f', 'old');
      await expectOnly(stage, ['f']);
    },
  },
  {
    what: 'a large file that the gate refuses, having read all of it',
    over: ({ gated }) => gated,
    happens: async (stage) => {
      const read = readByTheGate(stage);
      const sftp = await stage.channel();
      await expectStatus(sftp, close(await sendAll(sftp)), 'PERMISSION_DENIED', 'A virus');
      expect(await within(read, 'the gate')).toBe(sha256(CONTENT));
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.aborted /f (gate, ${SENT} sent)`,
      'session.closed',
    ],
    then: async (stage) => {
      await expectStored(stage, '/f', undefined);
      await expectOnly(stage, []);
    },
  },
  {
    what: 'a large file that was to replace another one, and that the gate refuses',
    over: ({ gated }) => gated,
    happens: async (stage) => {
      await stage.ground.probe.put('/f', Buffer.from('old'));
      const read = readByTheGate(stage);
      const sftp = await stage.channel();
      await expectStatus(sftp, close(await sendAll(sftp)), 'PERMISSION_DENIED', 'A virus');
      expect(await within(read, 'the gate')).toBe(sha256(CONTENT));
    },
    events: [
      'session.opened',
      'upload.started /f',
      `upload.aborted /f (gate, ${SENT} sent)`,
      'session.closed',
    ],
    then: async (stage) => {
      const { staged } = stage.subject;
      await expectStored(stage, '/f', staged ? 'old' : undefined);
      await expectOnly(stage, staged ? ['f'] : []);
    },
  },
];

/** @returns the handle */
async function sendAll(sftp: RawSftpClient, length = SENT): Promise<Buffer> {
  const handle = await sftp.handle(open('/f', CREATE));
  for (let at = 0; at < length; at += PIECE) {
    await sftp.ok(write(handle, at, CONTENT.subarray(at, Math.min(at + PIECE, length))));
  }
  return handle;
}

async function sendHalf(sftp: RawSftpClient): Promise<void> {
  await sendAll(sftp, HALF);
}

/** The gate reads what it is going to refuse. @returns the digest of what it has read */
function readByTheGate(stage: Stage): Promise<string> {
  return new Promise((resolve) => {
    stage.gates.set('upload.commit', async ({ read }) => {
      const hash = createHash('sha256');
      for await (const chunk of read?.() ?? []) hash.update(chunk as Buffer);
      resolve(hash.digest('hex'));
      return 'A virus';
    });
  });
}

/** Waits until the store has begun to take the upload, where it takes one before its CLOSE. */
async function untilUnderWay({ ground, subject }: Stage): Promise<void> {
  if (ground.openUploads === undefined || subject.gated) return;
  const deadline = Date.now() + 20_000;
  while ((await ground.openUploads()).length === 0) {
    if (Date.now() > deadline) throw new Error('The store has begun no upload');
    await delay(50);
  }
}

/** Nothing else is left in the storage: no other name, and no upload that waits for its end. */
async function expectOnly({ ground }: Stage, names: readonly string[]): Promise<void> {
  expect(await ground.probe.names('/')).toEqual(names);
  expect(await ground.openUploads?.()).toEqual(ground.openUploads && []);
}
