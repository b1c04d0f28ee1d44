import { join } from 'node:path';
import { runOk } from './run-program.js';
import type { Workspace } from './client-tools.js';
import type { SftpTarget } from './sftp-target.js';

/** The script whose functions are the checks that {@link runParamikoCheck} can run. */
export const PARAMIKO_CHECKS = join(import.meta.dirname, '../clients/support/paramiko_checks.py');

/**
 * Runs one check of the script.
 *
 * @param python a Python that has paramiko
 * @param how whether it must succeed
 */
export async function runParamikoCheck(
  python: string,
  target: SftpTarget,
  { local, remote }: Workspace,
  name: string,
  login: Readonly<Record<string, string>> = { CHECK_KEY: target.keyFile },
  how: typeof runOk = runOk,
): Promise<void> {
  const { host, port, username, knownHosts, home } = target;
  await how(python, ['-B', PARAMIKO_CHECKS, name], {
    home,
    cwd: local,
    env: {
      CHECK_HOST: host,
      CHECK_PORT: String(port),
      CHECK_USER: username,
      CHECK_KNOWN_HOSTS: knownHosts,
      CHECK_LOCAL: local,
      CHECK_REMOTE: remote,
      ...login,
    },
  });
}
