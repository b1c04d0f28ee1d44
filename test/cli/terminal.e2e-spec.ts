import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { MAIN } from './support/cli.js';
import { SFTP, sftp, SSHPASS } from './support/sftp-login.js';
import { Terminal } from './support/terminal.js';

jest.setTimeout(180_000);

const SCRIPT = findProgram('script');
const PASSWORD = 'very-secret';

let home: TempDir;
const terminals: Terminal[] = [];

beforeAll(async () => {
  home = await makeTempDir();
});

afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.close();
});

afterAll(() => home.remove());

function terminal(...args: readonly string[]): Terminal {
  const opened = new Terminal(programOf(SCRIPT), [process.execPath, MAIN, ...args], home.path);
  terminals.push(opened);
  return opened;
}

whereUsable('nestjs-sftpd in a terminal', [SCRIPT, SFTP, SSHPASS], (reasonToSkip) => {
  (reasonToSkip === undefined ? describe : describe.skip)('nestjs-sftpd in a terminal', () => {
    it('asks for the password of a server, and shows nothing of it', async () => {
      const hostKeys = path.join(home.path, 'keys');
      const args = ['--user', 'me', '--port', '0', '--host-keys', hostKeys];
      const server = terminal('serve', '--memory', ...args);
      await server.answer(/Password for me:/, `${PASSWORD}\r`);
      const [, port] = await server.seen(/listening on 127\.0\.0\.1:(\d+)/);
      const login = { port: Number(port), home: home.path };
      expect(await sftp({ ...login, password: PASSWORD }, 'ls')).toMatchObject({ code: 0 });
      await server.answer(/"me" logged in/, '\u0003');
      expect(await server.ended).toBe(0);
      expect(server.written).toContain('SIGINT: finishing running transfers');
      expect(server.written).not.toContain('secret');
    });

    it('asks for a password to be hashed twice', async () => {
      const asked = terminal('hash-password');
      await asked.answer(/Password:/, `${PASSWORD}\r`);
      await asked.answer(/once more:/, `${PASSWORD}\r`);
      expect(await asked.ended).toBe(0);
      expect(asked.written).toMatch(/\n\$scrypt\$\S+\r?\n/);
      expect(asked.written).not.toContain('secret');
    });

    it('hashes none of two passwords that differ', async () => {
      const asked = terminal('hash-password');
      await asked.answer(/Password:/, `${PASSWORD}\r`);
      await asked.answer(/once more:/, 'other\r');
      expect(await asked.ended).toBe(1);
      expect(asked.written).toMatch(/error: the two passwords are not the same/);
      expect(asked.written).not.toContain('$scrypt$');
    });

    it.each([
      ['Ctrl+C', '\u0003'],
      ['Ctrl+D', '\u0004'],
    ])('is cancelled by %s', async (_name, keys) => {
      const asked = terminal('hash-password');
      await asked.answer(/Password:/, keys);
      expect(await asked.ended).toBe(1);
      expect(asked.written).toMatch(/error: cancelled/);
    });
  });
});
