import { readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { seededBytes, sha256 } from '../support/fixtures.js';
import { asOptions, SftpBatch, sshSettings } from '../support/openssh-client.js';
import { posixRename, rename } from '../support/raw-requests.js';
import { run } from '../support/run-program.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { MORE, NEW, OLD, OPERATIONS, prepare, verdictOf } from './support/client-operations.js';
import { logIn } from './support/log-in.js';
import { type MountedApplication, startMountedApplication } from './support/mounted-application.js';
import { USERS } from './support/mounted-users.js';
import { type Row, rowsOf } from './support/permission-table.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const DIRECTORIES = ['/', '/inbox', '/archive'] as const;

let application: MountedApplication;

function withSlash(directory: string): string {
  return directory === '/' ? '/' : `${directory}/`;
}

/** Runs commands one after the other in one session, and tells what the client says to each. */
async function answersTo(target: SftpTarget, commands: readonly string[]): Promise<string[]> {
  const { home, username, host } = target;
  const args = [...asOptions(sshSettings(target)), '-b', '-', `${username}@${host}`];
  // One stream for both, as only then an error stands behind its command; a dash goes on after a failure.
  const { stdout } = await run('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', programOf(sftp), ...args], {
    home,
    input: commands.map((command) => `-${command}\n`).join(''),
  });
  const answers = stdout.split(/^sftp> -.*\n/m).slice(1);
  if (answers.length !== commands.length) throw new Error(`Not an answer to each:\n${stdout}`);
  return answers;
}

describe('the table', () => {
  it('has a row for every operation in every directory', () => {
    const expected = Object.keys(OPERATIONS).flatMap((operation) =>
      DIRECTORIES.map((directory) => `${operation} ${directory}`),
    );
    for (const user of Object.keys(USERS)) {
      const rows = rowsOf(user);
      expect(rows.map(({ name, directory }) => `${name} ${directory}`)).toEqual(expected);
    }
  });
});

whereUsable('OpenSSH sftp', [sftp], (reasonToSkip) => {
  const title = 'OpenSSH sftp, of one server with decorated backends in one tree';
  (reasonToSkip === undefined ? describe : describe.skip)(title, () => {
    beforeAll(async () => {
      application = await startMountedApplication();
    });
    afterAll(() => application.target.stop());

    describe.each(Object.keys(USERS))('as %s', theTableFor);
    describe('over three mounts', threeMounts);
  });
});

function theTableFor(user: string): void {
  const rows = rowsOf(user);
  let target: SftpTarget;
  let answers: string[];

  beforeAll(async () => {
    await application.empty();
    target = application.as(user);
    await prepare(target.storage, DIRECTORIES.map(withSlash));
    await writeFile(join(target.home, 'new-content'), NEW);
    await writeFile(join(target.home, 'old-and-more'), MORE);
    const commandOf = ({ operation, directory }: Row): string =>
      operation.command(withSlash(directory));
    answers = await answersTo(target, rows.map(commandOf));
  });

  it.each(rows.map((row, index) => ({ ...row, index })))(
    '$name in $directory: $expected',
    async ({ operation, directory, expected, index }) => {
      expect(verdictOf(operation, answers[index] ?? '')).toBe(expected);
      const done = operation.done?.(target.storage, withSlash(directory), target.home);
      if (done) expect(await done.catch(() => false)).toBe(expected === 'yes');
    },
  );
}

function threeMounts(): void {
  let batch: SftpBatch;
  const content = seededBytes(1_500_000, 1);

  beforeAll(() => {
    batch = new SftpBatch(programOf(sftp), application.target);
  });

  beforeEach(async () => {
    await application.empty();
    const { storage } = application.target;
    await storage.put('/file', content);
    await storage.put('/inbox/file', OLD);
    await storage.makeDir('/directory');
  });

  it('lists mount points as directories', async () => {
    const { stdout } = await batch.ok(['ls -l /', 'cd /archive', 'pwd', 'cd ..', 'pwd']);
    expect(stdout).toMatch(/^drwx.* \/inbox$/m);
    expect(stdout).toMatch(/^drwx.* \/archive$/m);
    expect(stdout).toContain('Remote working directory: /archive\n');
    expect(stdout).toMatch(/Remote working directory: \/\n/);
  });

  it.each([
    'rmdir /inbox',
    'rm /inbox',
    'rename /inbox /elsewhere',
    'rename -l /inbox /elsewhere',
    'rename /directory /inbox',
    'rename /file /archive',
    'mkdir /inbox',
    'ln -s /inbox/file /link',
    'ln -s ../file /inbox/link',
    'ln /file /inbox/hardlink',
    'get /archive/../2026/file',
  ])('refuses %s, and all stays as it was', async (command) => {
    await batch.failing([command]);
    await assertUnchanged();
  });

  it.each([
    'rename /file /inbox/moved',
    'rename -l /inbox/file /archive/moved',
    'rename /directory /archive/directory',
  ])('answers %s by a failure, as of another file system, and all stays', async (command) => {
    const { stderr } = await batch.failing([command]);
    expect(stderr).toMatch(/: Failure\s*$/);
    await assertUnchanged();
  });

  it('says to a client that shows it why a rename across mounts fails', async () => {
    const { port } = application.target;
    const connection = await logIn({ port, username: 'owner', password: 'owner' });
    const channel = await connection.channel();
    await channel.init();
    for (const request of [rename('/file', '/inbox/moved'), posixRename('/file', '/archive/x')]) {
      expect(await channel.request(request)).toMatchObject({
        kind: 'STATUS',
        message: 'Cross-device link',
      });
    }
    await connection.end();
    await assertUnchanged();
  });

  it('copies across mounts by copy-data, and moves by a copy', async () => {
    const { storage, home } = application.target;
    await batch.ok(['cp /file /inbox/copy', 'cp /inbox/copy /archive/copy', 'rm /inbox/copy']);
    expect(await storage.sha256('/archive/copy')).toBe(sha256(content));
    expect(await storage.names('/inbox')).toEqual(['file']);
    // What a mount has no room for is no copy.
    await storage.put('/big', Buffer.alloc(33 * 2 ** 20));
    await batch.failing(['cp /big /inbox/big']);
    await batch.ok(['cp /big /archive/big', 'get /archive/big']);
    expect((await readFile(join(home, 'big'))).length).toBe(33 * 2 ** 20);
  });

  it('tells the room of the storage that a path is in', async () => {
    const { folder } = application;
    const { stdout } = await batch.ok(['df /', 'df /inbox', 'df /inbox/file', 'df /archive']);
    const sizes = [...stdout.matchAll(/^ +(\d+) /gm)].map(([, size]) => Number(size));
    const { bsize, blocks } = await statfs(folder);
    expect(sizes).toEqual([64 * 1024, 32 * 1024, 32 * 1024, (bsize * blocks) / 1024]);
  });

  it('follows links that stay in their mount, and tells them as paths of the tree', async () => {
    await batch.ok([
      'ln -s /inbox/file /inbox/link',
      'get /inbox/link through-link',
      'ln -s /archive/../archive/target /archive/link',
      'put through-link /archive/target',
      'get /archive/link through-folder',
    ]);
    const { home, storage } = application.target;
    expect(await readFile(join(home, 'through-link'))).toEqual(OLD);
    expect(await readFile(join(home, 'through-folder'))).toEqual(OLD);
    expect(await storage.readLink('/archive/link')).toBe('/archive/target');
  });

  async function assertUnchanged(): Promise<void> {
    const { storage } = application.target;
    expect(await storage.names('/')).toEqual(['archive', 'directory', 'file', 'inbox']);
    expect(await storage.names('/inbox')).toEqual(['file']);
    expect(await storage.names('/archive')).toEqual([]);
  }
}
