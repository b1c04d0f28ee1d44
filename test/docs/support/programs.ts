import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes a program of bash into a directory that is to stand first in the search path. */
export async function writeProgram(directory: string, name: string, script: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, name);
  await writeFile(file, `#!/usr/bin/env bash\nset -euo pipefail\n${script}\n`);
  await chmod(file, 0o755);
}

/** Who types the password. */
export interface SftpOptions {
  /** OpenSSH's `sftp`. */
  readonly sftp: string;
  readonly sshpass: string;
  readonly password: string;
}

/** Writes an `sftp` that has its password typed, and takes any host key. */
export function writeSftp(directory: string, options: SftpOptions): Promise<void> {
  const { sftp, sshpass, password } = options;
  return writeProgram(
    directory,
    'sftp',
    `exec ${sshpass} -p '${password}' ${sftp} -F none -o StrictHostKeyChecking=no \\
  -o UserKnownHostsFile=${path.join(directory, 'known-hosts')} -o GlobalKnownHostsFile=/dev/null \\
  -o IdentitiesOnly=yes "$@"`,
  );
}
