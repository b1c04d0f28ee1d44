import { spawn } from 'node:child_process';

import { childTransport, type RawTransport } from './raw-transport.js';

const SFTP_SERVER = '/usr/lib/openssh/sftp-server';

/**
 * Starts OpenSSH's own SFTP server on standard input and output: the same wire protocol without SSH. The raw
 * specs run against it to prove the expectations themselves.
 *
 * @param directory where relative paths start
 */
export function spawnOpenSsh(directory: string): RawTransport {
  return childTransport(spawn(SFTP_SERVER, ['-d', directory], { stdio: 'pipe' }));
}
