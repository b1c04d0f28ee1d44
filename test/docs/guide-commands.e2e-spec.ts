import { symlink, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SftpTestServer, type SftpTestServerOptions } from 'nestjs-sftpd/testing';

import { ROOT } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { run, runOk, type RunResult } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { fencedBlocks } from './support/fenced-blocks.js';
import { pageOf } from './support/pages.js';

jest.setTimeout(120_000);

const [bash, sftp, ssh, sshAudit, sshKeygen] = [
  findProgram('bash'),
  findProgram('sftp'),
  findProgram('ssh'),
  findProgram('ssh-audit'),
  findProgram('ssh-keygen'),
] as const;

/** What stands in a guide, and what it is here: hosts, ports, places. */
type Replacements = Readonly<Record<string, string>>;

let home: TempDir;
let server: SftpTestServer | undefined;

beforeEach(async () => {
  home = await makeTempDir();
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await home.remove();
});

/** The shell blocks of a guide, in their order. */
async function commandsOf(guide: string): Promise<string[]> {
  const blocks = fencedBlocks(await pageOf(`docs/guides/${guide}`));
  return blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
}

/** Runs commands as they are pasted, but for the replacements; each of those must occur. */
function paste(commands: string, replacements: Replacements = {}): Promise<RunResult> {
  let script = commands;
  for (const [written, here] of Object.entries(replacements)) {
    expect(script).toContain(written);
    script = script.replaceAll(written, here);
  }
  return run(programOf(bash), ['-e'], { home: home.path, input: script, timeout: 60_000 });
}

async function serve(options: SftpTestServerOptions): Promise<string> {
  server = await SftpTestServer.start(options);
  return String(server.port);
}

async function makeKey(file: string, ...more: string[]): Promise<string> {
  const target = path.join(home.path, file);
  await mkdir(path.dirname(target), { recursive: true });
  await runOk(programOf(sshKeygen), ['-q', '-N', '', '-f', target, ...more], { home: home.path });
  return readFile(`${target}.pub`, 'utf8');
}

whereUsable('the commands of guides', [bash, sftp, ssh, sshAudit, sshKeygen], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('the commands of', () => {
    it('in-an-application.md print a hash that opens the account', async () => {
      const [hash = ''] = await commandsOf('in-an-application.md');
      await symlink(path.join(ROOT, 'node_modules'), path.join(home.path, 'node_modules'));
      const { code, stdout } = await paste(hash);
      expect(code).toBe(0);
      await serve({ auth: { passwords: [{ username: 'anna', passwordHash: stdout.trim() }] } });
      await server?.connect({ username: 'anna', password: 'a secret' });
    });

    it('migrating.md take the host keys along, and clients know the server again', async () => {
      const [takeAlong = '', logIn = ''] = await commandsOf('migrating.md');
      const hostKeys = [
        await makeKey('etc/ssh_host_ed25519_key', '-t', 'ed25519'),
        // As older systems have it.
        await makeKey('etc/ssh_host_rsa_key', '-t', 'rsa', '-b', '3072', '-m', 'PEM'),
      ];
      const taken = await paste(takeAlong, { '/etc/ssh/': `${home.path}/etc/` });
      expect(taken).toMatchObject({ code: 0, stdout: expect.stringMatching(/^256 SHA256:/m) });

      const port = await serve({
        hostKeys: { directory: path.join(home.path, 'host-keys') },
        auth: {
          passwords: [{ username: 'anna', authorizedKeys: [await makeKey('id', '-t', 'ed25519')] }],
        },
      });
      const known = path.join(home.path, 'known_hosts');
      await writeFile(known, hostKeys.map((key) => `sftp.example.com ${key}`).join(''));
      const here = `-F none -i ${home.path}/id -o UserKnownHostsFile=${known} -o BatchMode=yes`;
      const loggedIn = await paste(logIn, {
        'sftp -P 2222': `${programOf(sftp)} ${here} -o StrictHostKeyChecking=yes -P ${port}`,
        'new.example.com': '127.0.0.1',
      });
      expect(loggedIn).toMatchObject({ code: 0, stderr: expect.stringContaining('Connected') });
    });

    it('hardening.md show from outside what a server offers', async () => {
      const [look = ''] = await commandsOf('hardening.md');
      const port = await serve({ auth: { authorizePublicKey: () => false } });
      const [audit = '', guess = ''] = look.split('\n');
      const here = { 2222: port, 'sftp.example.com': '127.0.0.1' };
      const audited = await paste(audit, here);
      expect(audited.stdout).toContain('curve25519-sha256');
      expect(audited.stdout).not.toContain('[fail]');
      const guessed = await paste(guess, {
        ...here,
        'ssh -p': `${programOf(ssh)} -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p`,
      });
      expect(guessed.code).toBe(255);
      expect(guessed.stderr).toContain('Permission denied (publickey)');
    });
  });
});
