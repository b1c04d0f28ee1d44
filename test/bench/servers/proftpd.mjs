import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, HOST, lineOf, makeKey, terminate } from './launch.mjs';

const PROFTPD = '/usr/sbin/proftpd';
const MODULES = '/usr/lib/proftpd';

/**
 * Starts a private ProFTPD with mod_sftp, of Debian's proftpd-core and proftpd-mod-crypto, and without
 * its system's configuration.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @returns {Promise<import('./launch.mjs').Server>}
 * @throws {Error} where it is not installed
 */
export async function startProftpd(workplace, key) {
  if (!existsSync(PROFTPD) || !existsSync(join(MODULES, 'mod_sftp.so'))) {
    throw new Error('proftpd or its mod_sftp is not installed');
  }
  const name = 'ProFTPD';
  const directory = workplace.directory(name);
  const inside = (file) => join(directory, file);
  mkdirSync(inside('files'));
  const hostKey = makeKey(inside('host-key'));
  const port = await freePort();
  const { uid, gid } = userInfo();
  writeFileSync(inside('users'), `bench:*:${uid}:${gid}:bench:${inside('files')}:/bin/sh\n`, {
    mode: 0o600,
  });
  const keyAsRfc4716 = execFileSync('ssh-keygen', ['-e', '-m', 'RFC4716', '-f', key.publicFile]);
  writeFileSync(inside('authorized'), keyAsRfc4716);
  writeFileSync(
    inside('proftpd.conf'),
    [
      `ModulePath ${MODULES}`,
      'LoadModule mod_sftp.c',
      'ServerName bench',
      'ServerType standalone',
      `DefaultAddress ${HOST}`,
      `Port ${port}`,
      'UseIPv6 off',
      ...(uid === 0 ? ['User root', 'Group root', 'RootLogin on'] : []),
      `PidFile ${inside('pid')}`,
      `ScoreboardFile ${inside('scoreboard')}`,
      `SystemLog ${inside('system.log')}`,
      'WtmpLog off',
      'TransferLog none',
      // It makes log-ins slower on purpose.
      'DelayTable none',
      'DelayEngine off',
      'AuthOrder mod_auth_file.c',
      `AuthUserFile ${inside('users')}`,
      'RequireValidShell off',
      'AllowOverwrite on',
      'MaxInstances none',
      'SFTPEngine on',
      `SFTPHostKey ${hostKey.file}`,
      'SFTPAuthMethods publickey',
      `SFTPAuthorizedUserKeys file:${inside('authorized')}`,
      'SFTPCompression off',
      '',
    ].join('\n'),
  );
  const child = workplace.adopt(
    spawn(PROFTPD, ['-n', '-c', inside('proftpd.conf')], { stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  const line = await lineOf(child, child.stderr, /ProFTPD (\S+) .*standalone mode STARTUP/);
  return {
    name,
    host: HOST,
    port,
    username: 'bench',
    root: inside('files'),
    pid: child.pid,
    version: `ProFTPD ${line[1]}`,
    lacks: ['chacha20-poly1305@openssh.com'],
    stop: () => terminate(child),
  };
}
