import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeClient, findProgram, programOf } from '../support/client-tools.js';
import { seededBytes, sha256 } from '../support/fixtures.js';
import { asOptions, SftpBatch, sshSettings } from '../support/openssh-client.js';
import { run } from '../support/run-program.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { MORE, NEW, OLD, OPERATIONS, prepare, verdictOf } from './support/client-operations.js';
import { serverOf, type User, USERS } from './support/mounted-users.js';
import { type Row, rowsOf } from './support/permission-table.js';

jest.setTimeout(60_000);

const sftp = findProgram('sftp');
const DIRECTORIES = ['/', '/inbox', '/archive'] as const;

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

for (const user of Object.keys(USERS) as User[]) {
  describeClient(
    `OpenSSH sftp as ${user}`,
    [sftp],
    (suite) => {
      const rows = rowsOf(user);
      let answers: string[];

      beforeAll(async () => {
        const { home } = suite.target;
        await writeFile(join(home, 'new-content'), NEW);
        await writeFile(join(home, 'old-and-more'), MORE);
        const commandOf = ({ operation, directory }: Row): string =>
          operation.command(withSlash(directory));
        answers = await answersTo(suite.target, rows.map(commandOf));
      });

      it.each(rows.map((row, index) => ({ ...row, index })))(
        '$name in $directory: $expected',
        async ({ operation, directory, expected, index }) => {
          const { storage, home } = suite.target;
          expect(verdictOf(operation, answers[index] ?? '')).toBe(expected);
          const done = operation.done?.(storage, withSlash(directory), home);
          if (done) expect(await done.catch(() => false)).toBe(expected === 'yes');
        },
      );
    },
    [serverOf(user, (storage) => prepare(storage, DIRECTORIES.map(withSlash)))],
  );
}

describeClient(
  'OpenSSH sftp over three mounts',
  [sftp],
  (suite) => {
    let batch: SftpBatch;
    const content = seededBytes(1_500_000, 1);

    beforeAll(async () => {
      batch = new SftpBatch(programOf(sftp), suite.target);
      const { storage } = suite.target;
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
      'rename /file /inbox/moved',
      'rename -l /inbox/file /archive/moved',
      'rename /directory /archive/directory',
      'get /archive/../2026/file',
    ])('refuses %s, and all stays as it was', async (command) => {
      await batch.failing([command]);
      const { storage } = suite.target;
      expect(await storage.names('/')).toEqual(['archive', 'directory', 'file', 'inbox']);
      expect(await storage.names('/inbox')).toEqual(['file']);
      expect(await storage.names('/archive')).toEqual([]);
    });

    it('copies across mounts, and moves by a copy', async () => {
      const { storage } = suite.target;
      await batch.ok(['cp /file /inbox/copy', 'cp /inbox/copy /archive/copy', 'rm /inbox/copy']);
      expect(await storage.sha256('/archive/copy')).toBe(sha256(content));
      expect(await storage.names('/inbox')).toEqual(['file']);
    });

    it('tells the room of the storage that a path is in', async () => {
      const { stdout } = await batch.ok(['df /', 'df /inbox', 'df /inbox/file']);
      const sizes = [...stdout.matchAll(/^ +(\d+) /gm)].map(([, size]) => Number(size));
      expect(sizes).toEqual([64 * 1024, 32 * 1024, 32 * 1024]);
    });

    it('follows links that stay in their mount, and tells them as paths of the tree', async () => {
      await batch.ok([
        'ln -s /inbox/file /inbox/link',
        'get /inbox/link through-link',
        'rm /inbox/link',
      ]);
      expect(await readFile(join(suite.target.home, 'through-link'))).toEqual(OLD);
    });
  },
  [serverOf('owner')],
);
