import { findProgram, programOf } from '../../support/client-tools.js';
import { asOptions } from '../../support/openssh-client.js';
import { run, type RunResult } from '../../support/run-program.js';

/** The programs that log in. */
export const SFTP = findProgram('sftp');
export const SSHPASS = findProgram('sshpass');

/** How OpenSSH's `sftp` logs in. */
export interface SftpLogin {
  readonly port: number;
  /** Its home and working directory. */
  readonly home: string;
  /** @default 'me' */
  readonly user?: string;
  readonly password?: string;
  readonly keyFile?: string;
  /** More `-o` settings. */
  readonly settings?: readonly string[];
}

const TIMEOUT = 90_000;

/** Runs a batch of `sftp` commands; how it ends is the caller's affair. */
export function sftp(login: SftpLogin, ...lines: readonly string[]): Promise<RunResult> {
  const { port, home, user = 'me', password, keyFile, settings = [] } = login;
  const given = [
    ...settings,
    `Port=${port}`,
    'UserKnownHostsFile=/dev/null',
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=no',
    'IdentitiesOnly=yes',
    'NumberOfPasswordPrompts=1',
    'LogLevel=ERROR',
    ...(keyFile === undefined
      ? ['PreferredAuthentications=password', 'BatchMode=no']
      : [`IdentityFile=${keyFile}`, 'PreferredAuthentications=publickey', 'BatchMode=yes']),
  ];
  const args = [...asOptions(given), '-b', '-', `${user}@127.0.0.1`];
  const input = `${lines.join('\n')}\n`;
  const options = { home, input, timeout: TIMEOUT };
  if (password === undefined) return run(programOf(SFTP), args, options);
  const env = { SSHPASS: password };
  return run(programOf(SSHPASS), ['-e', programOf(SFTP), ...args], { ...options, env });
}
