import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { HOST, lineOf, makeKey, terminate } from './launch.mjs';

const SCRIPT = join(import.meta.dirname, 'asyncssh-server.py');

/**
 * Starts asyncssh's SFTP server, of Debian's python3-asyncssh.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @returns {Promise<import('./launch.mjs').Server>}
 * @throws {Error} where it is not installed
 */
export async function startAsyncssh(workplace, key) {
  const name = 'asyncssh';
  const directory = workplace.directory(name);
  const root = join(directory, 'files');
  mkdirSync(root);
  const hostKey = makeKey(join(directory, 'host-key'));
  // Debian's own Python, which has Debian's packages; another one may come first in the PATH.
  const child = workplace.adopt(
    spawn('/usr/bin/python3', [SCRIPT, hostKey.file, key.publicFile], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const line = await lineOf(child, child.stdout, /asyncssh (\S+) listening on (\d+)/);
  return {
    name,
    host: HOST,
    port: Number(line[2]),
    username: userInfo().username,
    root,
    pid: child.pid,
    version: `asyncssh ${line[1]}`,
    stop: () => terminate(child),
  };
}
