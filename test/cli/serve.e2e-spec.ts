import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { type ClientKey, writeKeyPair } from '../support/test-keys.js';
import { portOf, recordsIn, serve } from './support/cli.js';
import { SFTP, sftp, type SftpLogin, SSHPASS } from './support/sftp-login.js';

jest.setTimeout(180_000);

const KEYGEN = findProgram('ssh-keygen');
const PASSWORD = 'a very secret one';

let home: TempDir;
let files: string;
let key: ClientKey;
let content: Buffer;

beforeAll(async () => {
  home = await makeTempDir();
  files = path.join(home.path, 'files');
  await mkdir(files);
  await writeFile(path.join(home.path, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
  key = await writeKeyPair(home.path, 'id');
  await writeFile(path.join(home.path, 'keys'), `${key.publicLine}\n`);
  content = randomBytes(100_003);
  await writeFile(path.join(home.path, 'sent.bin'), content);
});

afterEach(killChildren);

afterAll(() => home.remove());

function byPassword(port: number, more: Partial<SftpLogin> = {}): SftpLogin {
  return { port, home: home.path, password: PASSWORD, ...more };
}

function byKey(port: number, more: Partial<SftpLogin> = {}): SftpLogin {
  return { port, home: home.path, keyFile: key.file, ...more };
}

whereUsable('nestjs-sftpd serve', [SFTP, SSHPASS, KEYGEN], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('nestjs-sftpd serve', () => {
    it('serves a folder to a password, and tells each thing in one line', async () => {
      const child = serve(home.path, ['files', '--password-file', 'password']);
      const port = await portOf(child);
      const lines = [
        'put sent.bin in.bin',
        'get in.bin back.bin',
        'rename in.bin other.bin',
        'mkdir d',
        'rmdir d',
        'rm other.bin',
      ];
      expect(await sftp(byPassword(port), ...lines)).toMatchObject({ code: 0 });
      expect(await readFile(path.join(home.path, 'back.bin'))).toEqual(content);

      child.kill('SIGTERM');
      const { code, signal, stdout, stderr } = await child.ended;
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
      expect(stdout.trimEnd().split('\n')).toEqual([
        `SFTP server listening on 127.0.0.1:${port}`,
        expect.stringMatching(/^Host key ssh-ed25519 SHA256:\S{43}$/),
        expect.stringMatching(/^Host key ssh-rsa SHA256:\S{43}$/),
        '"me" logged in from 127.0.0.1',
        '"me" uploaded "/in.bin" (100003 bytes)',
        '"me" downloaded "/in.bin" (100003 bytes)',
        '"me" renamed "/in.bin" to "/other.bin"',
        '"me" made the directory "/d"',
        '"me" removed the directory "/d"',
        '"me" removed "/other.bin"',
        'SIGTERM: finishing running transfers; once more ends at once',
        'Stopped',
      ]);
    });

    it('takes the password of the environment', async () => {
      const port = await portOf(serve(home.path, ['--memory'], { SFTP_PASSWORD: PASSWORD }));
      expect(await sftp(byPassword(port), 'ls')).toMatchObject({ code: 0 });
    });

    it('tells a wrong password once, and not what it was', async () => {
      const child = serve(home.path, ['--memory', '--password-file', 'password']);
      const port = await portOf(child);
      const { code } = await sftp(byPassword(port, { password: 'a wrong one' }), 'ls');
      expect(code).not.toBe(0);
      child.kill('SIGINT');
      const { code: ownCode, stdout, stderr } = await child.ended;
      expect(ownCode).toBe(0);
      expect(stdout.match(/^"me" was refused from 127\.0\.0\.1 by password$/gm)).toHaveLength(1);
      expect(stdout + stderr).not.toMatch(/logged in|a wrong one|secret/);
    });

    it('serves a folder to a key, and refuses another one once', async () => {
      const other = await writeKeyPair(home.path, 'other');
      const child = serve(home.path, ['files', '--authorized-keys', 'keys', '--atomic']);
      const port = await portOf(child);
      expect(await sftp(byKey(port), 'put sent.bin by-key.bin')).toMatchObject({ code: 0 });
      expect(await readFile(path.join(files, 'by-key.bin'))).toEqual(content);
      const { code } = await sftp(byKey(port, { keyFile: other.file }), 'ls');
      expect(code).not.toBe(0);
      child.kill('SIGTERM');
      const { stdout } = await child.ended;
      expect(stdout.match(/was refused from 127\.0\.0\.1 by publickey$/gm)).toHaveLength(1);
      expect(stdout.match(/logged in/g)).toHaveLength(1);
    });

    it('lets nobody change anything with --read-only, and tells of the try once', async () => {
      await writeFile(path.join(files, 'there.bin'), content);
      const child = serve(home.path, ['files', '--authorized-keys', 'keys', '--read-only']);
      const port = await portOf(child);
      const got = await sftp(byKey(port), 'get there.bin read.bin');
      expect(got).toMatchObject({ code: 0 });
      const refused = await sftp(byKey(port), 'put sent.bin new.bin');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('Permission denied');
      expect(await readdir(files)).not.toContain('new.bin');
      child.kill('SIGTERM');
      const { stdout } = await child.ended;
      expect(stdout.match(/^"me" was refused to .*$/gm)).toEqual([
        '"me" was refused to open "/new.bin": EACCES',
      ]);
      expect(stdout).not.toContain('uploaded');
    });

    it('serves memory, and nothing of it is left at the next start', async () => {
      for (const _start of ['first', 'next']) {
        const child = serve(home.path, ['--memory', '--authorized-keys', 'keys']);
        const port = await portOf(child);
        const listed = await sftp(byKey(port), 'ls -1');
        expect(listed).toMatchObject({ code: 0, stdout: expect.not.stringContaining('in.bin') });
        const moved = await sftp(byKey(port), 'put sent.bin in.bin', 'get in.bin memory.bin');
        expect(moved).toMatchObject({ code: 0 });
        expect(await readFile(path.join(home.path, 'memory.bin'))).toEqual(content);
        child.kill('SIGTERM');
        await child.ended;
      }
    });

    it('writes JSON alone with --json, by names that stay', async () => {
      const args = ['files', '--json', '--password-file', 'password', '--authorized-keys', 'keys'];
      const child = serve(home.path, args);
      const [, port] = await child.output(/"event":"server\.listening".*"port":(\d+)/);
      const lines = ['put sent.bin json.bin', 'get json.bin json.back', 'rm json.bin'];
      expect(await sftp(byKey(Number(port)), ...lines)).toMatchObject({ code: 0 });
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await child.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const records = recordsIn(stdout);
      expect(records.map(({ event }) => event)).toEqual([
        'server.listening',
        'session.opened',
        'upload.completed',
        'download.completed',
        'file.removed',
        'server.stopping',
        'server.stopped',
      ]);
      for (const { time } of records) expect(new Date(String(time)).toISOString()).toBe(time);
      expect(records[0]).toMatchObject({
        address: '127.0.0.1',
        port: Number(port),
        hostKeys: [{ type: 'ssh-ed25519' }, { type: 'ssh-rsa' }],
      });
      const [, opened, uploaded] = records;
      expect(opened).toMatchObject({ user: 'me', address: '127.0.0.1' });
      expect(uploaded).toMatchObject({
        session: opened?.['session'],
        user: 'me',
        path: '/json.bin',
        bytes: content.length,
        size: content.length,
        duration: expect.any(Number),
      });
      expect(stdout).not.toMatch(/secret|PRIVATE KEY/);
    });

    it('keeps its host keys for the user alone, and is the same server next time', async () => {
      const XDG_CONFIG_HOME = path.join(home.path, 'fresh', 'config');
      const directory = path.join(XDG_CONFIG_HOME, 'nestjs-sftpd', 'host-keys');
      const known = ['HostKeyAlias=the-server', 'UserKnownHostsFile=known'];
      for (const checking of ['accept-new', 'yes']) {
        const args = ['--memory', '--authorized-keys', 'keys'];
        const child = serve(home.path, args, { XDG_CONFIG_HOME });
        const port = await portOf(child);
        const settings = [...known, `StrictHostKeyChecking=${checking}`];
        expect(await sftp(byKey(port, { settings }), 'ls')).toMatchObject({ code: 0 });
        const [, print = ''] = await child.output(/^Host key ssh-ed25519 (\S+)$/m);
        const file = path.join(directory, 'ssh_host_ed25519_key.pub');
        const { stdout } = await runOk(programOf(KEYGEN), ['-lf', file], { home: home.path });
        expect(stdout).toContain(print);
        child.kill('SIGTERM');
        await child.ended;
      }
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      expect((await stat(path.join(directory, 'ssh_host_ed25519_key'))).mode & 0o777).toBe(0o600);
    });

    it('takes old algorithms, and shows the keys that belong to them, with --legacy alone', async () => {
      const settings = ['HostKeyAlgorithms=ecdsa-sha2-nistp256'];
      const outcomes = [];
      for (const legacy of [[], ['--legacy']]) {
        const child = serve(home.path, ['--memory', '--authorized-keys', 'keys', ...legacy]);
        const { code } = await sftp(byKey(await portOf(child), { settings }), 'ls');
        child.kill('SIGTERM');
        const { stdout } = await child.ended;
        outcomes.push({
          taken: code === 0,
          shown: stdout.includes('Host key ecdsa-sha2-nistp256'),
        });
      }
      expect(outcomes).toEqual([
        { taken: false, shown: false },
        { taken: true, shown: true },
      ]);
    });

    it('shows logs on standard error with --verbose alone', async () => {
      const child = serve(home.path, ['--memory', '--authorized-keys', 'keys', '--verbose']);
      const port = await portOf(child);
      await sftp(byKey(port), 'ls');
      await child.outputOnError(/^log: \[SftpServer\] \[\S+\] "me" logged in by publickey/m);
      child.kill('SIGTERM');
      const { stdout } = await child.ended;
      expect(stdout).not.toContain('[SftpServer]');
    });

    it('warns of a password file that others can read', async () => {
      await writeFile(path.join(home.path, 'open'), `${PASSWORD}\n`, { mode: 0o644 });
      const child = serve(home.path, ['--memory', '--password-file', 'open']);
      await portOf(child);
      child.kill('SIGTERM');
      const { stderr } = await child.ended;
      expect(stderr).toBe('warning: --password-file open can be read by others: chmod 600 it\n');
    });
  });
});
