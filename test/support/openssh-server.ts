import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LocalProbe } from './local-probe.js';
import type { SftpTarget } from './sftp-target.js';
import { makeTempDir } from './temp-dir.js';
import { writeKeyPair, writeKnownHosts } from './test-keys.js';

const HOST = '127.0.0.1';
const SSHD = '/usr/sbin/sshd';

/**
 * Starts a private OpenSSH server whose root is a temporary directory. Needs root for the change of root, and
 * takes keys alone, as it has no users of its own.
 */
export async function startOpenSshServer(): Promise<SftpTarget> {
  const directory = await makeTempDir();
  // sshd wants a root that no one but root could have replaced, which the system's temporary directory is not.
  const root = await makeTempDir('/run');
  await chmod(root.path, 0o755);
  // sshd's own, made by its start script where it runs as a service.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  const key = await writeKeyPair(directory.path, 'client-key');
  const hostKeys = join(directory.path, 'host-keys');
  await mkdir(hostKeys);
  const hostKey = await writeKeyPair(hostKeys, 'ed25519');
  const authorizedKeys = join(directory.path, 'authorized_keys');
  await writeFile(authorizedKeys, `${key.publicLine}\n`);
  const port = await freePort();
  const config = join(directory.path, 'sshd_config');
  await writeFile(
    config,
    [
      `ListenAddress ${HOST}:${port}`,
      `HostKey ${hostKey.file}`,
      `AuthorizedKeysFile ${authorizedKeys}`,
      'PidFile none',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'Subsystem sftp internal-sftp -u 0022',
      `ChrootDirectory ${root.path}`,
      'ForceCommand internal-sftp -u 0022',
      'MaxStartups 100',
      '',
    ].join('\n'),
  );

  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    const said: string[] = [];
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('Server listening on')) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`sshd has ended: ${said.join('\n')}`));
    });
  });
  const identity = await writeKnownHosts(hostKeys, join(directory.path, 'known_hosts'), HOST, port);
  return {
    ...identity,
    host: HOST,
    port,
    username: 'root',
    keyFile: key.file,
    home: directory.path,
    storage: new LocalProbe(root.path),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      await directory.remove();
      await root.remove();
    },
  };
}

// sshd does not take port 0.
async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
