import { symlink, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SftpTestServer, type SftpTestServerOptions } from 'nestjs-sftpd/testing';

import { ROOT } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { PastedShell } from './support/pasted-shell.js';
import { commandsIn, shellBlocksOf } from './support/shell-blocks.js';

jest.setTimeout(120_000);

const [bash, sftp, ssh, sshAudit, sshKeygen] = [
  findProgram('bash'),
  findProgram('sftp'),
  findProgram('ssh'),
  findProgram('ssh-audit'),
  findProgram('ssh-keygen'),
] as const;

let home: TempDir;
let shell: PastedShell;
let server: SftpTestServer | undefined;

beforeEach(async () => {
  home = await makeTempDir();
  shell = new PastedShell(programOf(bash), home.path);
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await home.remove();
});

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
    it.each([
      ['docs/guides/in-an-application.md', 3, 1],
      ['docs/reference/gateway.md', 3, 2],
      ['docs/reference/authentication.md', 1, 0],
    ])('%s print hashes that open the account', async (page, count, index) => {
      const block = (await shellBlocksOf(page, count))[index] ?? '';
      await symlink(path.join(ROOT, 'node_modules'), path.join(home.path, 'node_modules'));
      const passwords = [];
      for (const [number, command] of commandsIn(block).entries()) {
        const { code, stdout } = await shell.run(command);
        expect(code).toBe(0);
        passwords.push({ username: `user-${number}`, passwordHash: stdout.trim() });
      }
      await serve({ auth: { passwords } });
      for (const { username } of passwords) {
        await server?.connect({ username, password: 'a secret' });
      }
    });

    it('docs/guides/migrating.md take the host keys along, and clients know the server again', async () => {
      const [takeAlong = '', logIn = ''] = await shellBlocksOf('docs/guides/migrating.md', 2);
      const hostKeys = [
        await makeKey('etc/ssh_host_ed25519_key', '-t', 'ed25519'),
        // As older systems have it.
        await makeKey('etc/ssh_host_rsa_key', '-t', 'rsa', '-b', '3072', '-m', 'PEM'),
      ];
      const taken = await shell.run(takeAlong, { '/etc/ssh/': `${home.path}/etc/` });
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
      const loggedIn = await shell.run(logIn, {
        'sftp -P 2222': `${programOf(sftp)} ${here} -o StrictHostKeyChecking=yes -P ${port}`,
        'new.example.com': '127.0.0.1',
      });
      expect(loggedIn).toMatchObject({ code: 0, stderr: expect.stringContaining('Connected') });
    });

    it('docs/guides/hardening.md show from outside what a server offers', async () => {
      const [block = ''] = await shellBlocksOf('docs/guides/hardening.md', 1);
      const port = await serve({ auth: { authorizePublicKey: () => false } });
      const [audit = '', guess = ''] = commandsIn(block);
      const here = { 2222: port, 'sftp.example.com': '127.0.0.1' };
      const audited = await shell.run(audit, here);
      expect(audited.stdout).toContain('curve25519-sha256');
      expect(audited.stdout).not.toContain('[fail]');
      const guessed = await shell.run(guess, {
        ...here,
        'ssh -p': `${programOf(ssh)} -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p`,
      });
      expect(guessed.code).toBe(255);
      expect(guessed.stderr).toContain('Permission denied (publickey)');
    });

    it('docs/reference/ssh.md audit a server that runs', async () => {
      const [block = ''] = await shellBlocksOf('docs/reference/ssh.md', 1);
      const [builtGateway, running = ''] = commandsIn(block);
      // The same of a gateway that it builds and starts first: test/audit.
      expect(builtGateway).toBe('npm run audit:ssh');
      const port = await serve({ auth: { authorizePublicKey: () => false } });
      const audited = await shell.run(running, {
        'test/audit': path.join(ROOT, 'test', 'audit'),
        2222: port,
      });
      expect(audited).toMatchObject({ code: 0 });
    });
  });
});
