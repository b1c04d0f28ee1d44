import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { tryLogIn } from '../server/support/log-in.js';
import { killChildren } from '../smoke/child.js';
import { stat } from '../support/raw-requests.js';
import { channelOf, GuideProject, portOf, upload } from './support/guide-project.js';

jest.setTimeout(120_000);

const PAGE = 'docs/guides/in-an-application.md';

let project: GuideProject;

beforeAll(async () => {
  project = await GuideProject.build(PAGE);
});

afterEach(killChildren);

afterAll(() => project.remove());

describe(PAGE, () => {
  it('has an application that does not start without its settings, and names what is missing', async () => {
    const { code, stdout, stderr } = await project.start('main.js').ended;
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('Set FILES_ROOT');
  });

  it('has tenants who have their own files, users who are let in or not, and an orderly end', async () => {
    const FILES_ROOT = path.join(project.directory, 'files');
    const app = project.start('main.js', { FILES_ROOT, SFTP_PORT: '0' });
    const port = await portOf(app);
    const password = 'a secret';
    for (const [username, typed] of [
      ['anna', 'a wrong one'],
      ['carl', password],
      ['nobody', password],
    ] as const) {
      expect(await tryLogIn({ port, username, password: typed })).not.toBe('logged in');
    }
    const anna = await channelOf(port, 'anna', password);
    expect(await upload(anna.sftp, '/order.csv', 'item')).toMatchObject({ status: 'OK' });
    const bob = await channelOf(port, 'bob', password);
    expect(await bob.sftp.outcome(stat('/order.csv'))).toBe('NO_SUCH_FILE');
    expect(await bob.sftp.outcome(stat('/../north/order.csv'))).toBe('NO_SUCH_FILE');
    expect((await readdir(path.join(FILES_ROOT, 'tenants'))).sort()).toEqual(['north', 'south']);
    const stored = path.join(FILES_ROOT, 'tenants', 'north', 'order.csv');
    expect(await readFile(stored, 'utf8')).toBe('item');
    await anna.connection.end();
    await bob.connection.end();
    app.kill('SIGTERM');
    const { code, signal } = await app.ended;
    expect(signal ?? code).toBe('SIGTERM');
  });
});
