import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { type Child, killChildren } from '../smoke/child.js';
import { rename, stat } from '../support/raw-requests.js';
import {
  channelOf,
  GuideProject,
  portOf,
  upload,
  type UserChannel,
} from './support/guide-project.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/events.md';

let project: GuideProject;
let app: Child;
let user: UserChannel;

beforeAll(async () => {
  project = await GuideProject.build(PAGE);
  app = project.start('arrivals.app.js');
  user = await channelOf(await portOf(app), 'dev', 'dev');
});

afterAll(async () => {
  await killChildren();
  await project.remove();
});

describe(`the application of ${PAGE}`, () => {
  it('tells of a delivery, with its digest, and of a rename', async () => {
    const content = 'a,b\n1,2\n';
    expect(await upload(user.sftp, '/a.csv', content)).toMatchObject({ status: 'OK' });
    const digest = createHash('sha256').update(content).digest('hex');
    await app.output(new RegExp(`dev has delivered /a\\.csv, 8 bytes, ${digest}`));
    await user.sftp.ok(rename('/a.csv', '/b.csv'));
    await app.output(/\/a\.csv is \/b\.csv now/);
  });

  it('refuses an infected file, also where the virus stands across two chunks', async () => {
    for (const [name, before] of [
      ['/early.bin', 3],
      ['/across.bin', 256 * 1024 - 5],
    ] as const) {
      const content = Buffer.concat([Buffer.alloc(before), Buffer.from('THIS-IS-A-TEST-VIRUS')]);
      expect(await upload(user.sftp, name, content)).toMatchObject({
        status: 'PERMISSION_DENIED',
        message: 'The file is infected (Test-Virus)',
      });
      expect(await user.sftp.outcome(stat(name))).toBe('NO_SUCH_FILE');
    }
    await app.output(/dev could not deliver \/across\.bin: gate, The file is infected/);
  });

  it('keeps to the quota, which files that were refused do not use up', async () => {
    const half = Buffer.alloc(600_000, 1);
    expect(await upload(user.sftp, '/one.bin', half)).toMatchObject({ status: 'OK' });
    expect(await upload(user.sftp, '/two.bin', half)).toMatchObject({
      status: 'FAILURE',
      message: 'Your quota for today is used up',
    });
    expect(await upload(user.sftp, '/three.bin', half.subarray(0, 300_000))).toMatchObject({
      status: 'OK',
    });
  });

  it('does not answer with OK what has no job', async () => {
    expect(await upload(user.sftp, '/no-queue.csv', 'abc')).toMatchObject({
      status: 'FAILURE',
      message: 'The file is stored, but it is not processed yet; upload it again later',
    });
    expect(await user.sftp.outcome(stat('/no-queue.csv'))).toBe('ATTRS');
    await user.connection.end();
  });
});
