import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, HOST, lineOf, makeKey, terminate } from './launch.mjs';

const SFTP_SERVER = '/usr/lib/openssh/sftp-server';

/** The server that all others are held against. */
export const REFERENCE = 'sshd';

/** The same sshd with its built-in SFTP server. */
export const INTERNAL = 'internal-sftp';

/**
 * Starts a private sshd.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @param {'sshd' | 'internal-sftp'} [name] with OpenSSH's sftp-server, or with what sshd has built in
 * @returns {Promise<import('./launch.mjs').Server>}
 */
export async function startOpenSsh(workplace, key, name = REFERENCE) {
  const directory = workplace.directory(name);
  const root = join(directory, 'files');
  mkdirSync(root);
  // Made by the service's start script, which has not run where sshd is no service.
  if (process.getuid() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKey = makeKey(join(directory, 'host-key'));
  const port = await freePort();
  const config = join(directory, 'sshd_config');
  writeFileSync(
    config,
    [
      `ListenAddress ${HOST}:${port}`,
      `HostKey ${hostKey.file}`,
      `AuthorizedKeysFile ${key.publicFile}`,
      `Subsystem sftp ${name === INTERNAL ? 'internal-sftp' : SFTP_SERVER}`,
      // sshd starts sftp-server through the user's shell, whose start files are no part of its speed.
      `SetEnv HOME=${directory}`,
      // It would turn away some of many clients that log in at once.
      'MaxStartups 1000',
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      '',
    ].join('\n'),
  );
  const child = workplace.adopt(
    spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  await lineOf(child, child.stderr, /Server listening on/);
  return {
    name,
    host: HOST,
    port,
    username: userInfo().username,
    root,
    pid: child.pid,
    version: openSshVersion(),
    stop: () => terminate(child),
  };
}

/** What the installed OpenSSH calls itself; ssh tells it on standard error. */
export function openSshVersion() {
  return execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim();
}
