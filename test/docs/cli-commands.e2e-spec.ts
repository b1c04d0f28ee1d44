import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { StaticUsers } from 'nestjs-sftpd';

import { Terminal } from '../cli/support/terminal.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { findCeph } from '../support/ceph/find-ceph.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { freePort } from '../support/free-port.js';
import { runOk } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { writeNpm } from './support/offline-npm.js';
import { pack } from './support/pack.js';
import { PastedShell } from './support/pasted-shell.js';
import { writeSftp } from './support/programs.js';
import { adapted, commandsIn, type Replacements, shellBlocksOf } from './support/shell-blocks.js';

jest.setTimeout(240_000);

const PAGE = 'docs/reference/cli.md';
const BLOCKS = 3;
const PASSWORD = 'a very secret one';
const PORT = 2222;

const [bash, npm, npx, script, sftp, sshKeygen, sshpass] = [
  findProgram('bash'),
  findProgram('npm'),
  findProgram('npx'),
  findProgram('script'),
  findProgram('sftp'),
  findProgram('ssh-keygen'),
  findProgram('sshpass'),
] as const;

const needs = [bash, npm, npx, script, sftp, sshKeygen, sshpass, findCeph()];
whereUsable('the commands of the command line', needs, (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)(PAGE, () => {
    let home: TempDir;
    let store: CephStore | undefined;
    let shell: PastedShell;
    let terminal: Terminal | undefined;

    beforeAll(async () => {
      home = await makeTempDir();
      store = await startCeph();
      shell = new PastedShell(programOf(bash), home.path);
      const tarball = await pack(programOf(npm), home.path);
      await writeNpm(shell.programs, { npm: programOf(npm), tarball });
      const options = { sftp: programOf(sftp), sshpass: programOf(sshpass), password: PASSWORD };
      await writeSftp(shell.programs, options);
      const optional = 'argon2 @aws-sdk/client-s3 @aws-sdk/lib-storage';
      expect((await shell.run(`npm install nestjs-sftpd ${optional}`)).code).toBe(0);
      await mkdir(path.join(home.path, 'dir'));
      await writeFile(path.join(home.path, 'dir', 'here.txt'), 'text');
      await writeFile(path.join(home.path, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
    });

    afterEach(async () => {
      await terminal?.close();
      terminal = undefined;
    });

    afterAll(async () => {
      await store?.stop();
      await home.remove();
    });

    /** The commands of a block, in a terminal each. */
    async function commands(block: number): Promise<string[]> {
      return commandsIn((await shellBlocksOf(PAGE, BLOCKS))[block] ?? '');
    }

    function paste(command: string, replacements: Replacements = {}, exported = ''): Terminal {
      const line = `${exported}${adapted(command, replacements)}`;
      terminal = new Terminal(programOf(script), [programOf(bash), '-c', line], home.path);
      return terminal;
    }

    /** Lists the root as the page does. */
    async function list(port: string, options = ''): Promise<string> {
      const [, logIn = ''] = await commands(0);
      const here = { [PORT]: port, 'sftp ': `sftp ${options} ` };
      const { code, stdout, stderr } = await shell.run(logIn, here, 'ls -1\n');
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    }

    it('serves a folder with a password that it asks for', async () => {
      const [serve = ''] = await commands(0);
      const port = String(await freePort());
      const server = paste(serve, { [PORT]: port });
      await server.answer(/Password for me:/, `${PASSWORD}\r`);
      await server.seen(new RegExp(`listening on 127\\.0\\.0\\.1:${port}`));
      expect(await list(port)).toContain('here.txt');
      await server.answer(/"me" logged in/, '\u0003');
      await server.seen(/Stopped/);
    });

    it('serves for keys, read-only', async () => {
      const [serve = ''] = await commands(1);
      const key = path.join(home.path, 'id');
      await mkdir(path.join(home.path, '.ssh'), { mode: 0o700 });
      const options = ['-q', '-t', 'ed25519', '-N', '', '-f', key];
      await runOk(programOf(sshKeygen), options, { home: home.path });
      expect((await shell.run(`cp ${key}.pub ~/.ssh/authorized_keys`)).code).toBe(0);
      const port = String(await freePort());
      const server = paste(serve, { '--read-only': `--read-only --port ${port} --user me` });
      await server.seen(/listening on/);
      expect(await list(port, `-i ${key} -o BatchMode=yes`)).toContain('here.txt');
      await server.answer(/"me" logged in/, '\u0003');
      await server.seen(/Stopped/);
    });

    it('serves memory with the password of a file, and tells it in JSON', async () => {
      const [, serve = ''] = await commands(1);
      const port = String(await freePort());
      const server = paste(serve, { '--json': `--json --port ${port} --user me` });
      await server.seen(/"event":"server.listening"/);
      await list(port);
      await server.answer(/"event":"session.opened"/, '\u0003');
      await server.seen(/"event":"server.stopped"/);
    });

    it('serves a bucket', async () => {
      const [, , serve = ''] = await commands(1);
      const { endpoint = '', environment = {} } = store ?? {};
      await store?.bucket('uploads');
      const port = String(await freePort());
      const exported = Object.entries({ ...environment, NODE_NO_WARNINGS: '1' })
        .map(([name, value]) => `export ${name}=${value}; `)
        .join('');
      const here = {
        'http://127.0.0.1:9000': endpoint,
        '--s3-path-style': `--s3-path-style --port ${port} --user me`,
      };
      const server = paste(serve, here, exported);
      await server.answer(/Password for me:/, `${PASSWORD}\r`);
      await server.seen(/listening on/);
      await list(port);
      await server.answer(/"me" logged in/, '\u0003');
      await server.seen(/Stopped/);
    });

    it('hashes passwords that are asked for, or in a file', async () => {
      const [ask = '', ofFile = ''] = await commands(2);
      const asked = paste(ask);
      await asked.answer(/Password:/, `${PASSWORD}\r`);
      await asked.answer(/once more:/, `${PASSWORD}\r`);
      const [scrypt] = await asked.seen(/\$scrypt\$[^\s]+/);
      expect(await asked.ended).toBe(0);
      const { code, stdout } = await shell.run(ofFile);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\$argon2id\$/);
      for (const passwordHash of [scrypt, stdout.trim()]) {
        const users = await StaticUsers.create([{ username: 'me', passwordHash }]);
        expect(await users.authenticatePassword('me', PASSWORD)).not.toBe(false);
      }
    });
  });
});
