import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const HOST = '127.0.0.1';
const GATEWAY = join(import.meta.dirname, '../../dist/apps/gateway/main.js');
const SFTP_SERVER = '/usr/lib/openssh/sftp-server';

/**
 * A server to be measured.
 *
 * @typedef {object} Server
 * @property {string} name
 * @property {string} host
 * @property {number} port
 * @property {string} username
 * @property {string} root the directory that a client names to reach the server's files
 * @property {number} pid
 */

/** Makes a key pair without a passphrase. @param {string} file */
export function makeKey(file) {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', file]);
  return { file, publicFile: `${file}.pub` };
}

/**
 * Starts a private sshd with OpenSSH's own sftp-server.
 *
 * @param {import('./workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @returns {Promise<Server>}
 */
export async function startOpenSsh(workplace, key) {
  const directory = join(workplace.path, 'openssh');
  const root = join(directory, 'files');
  mkdirSync(root, { recursive: true });
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
      `Subsystem sftp ${SFTP_SERVER}`,
      // sshd starts sftp-server through the user's shell, whose start files are no part of its speed.
      `SetEnv HOME=${directory}`,
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
  const { username } = userInfo();
  return { name: 'OpenSSH', host: HOST, port, username, root, pid: child.pid };
}

/**
 * Starts the built gateway.
 *
 * @param {import('./workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @param {'memory' | 'folder' | 's3'} backend
 * @param {string} [name]
 * @param {Record<string, string>} [env] further variables
 * @returns {Promise<Server & { stop(): Promise<void> }>}
 */
export async function startGateway(workplace, key, backend, name = backend, env = {}) {
  if (!existsSync(GATEWAY)) throw new Error('The gateway is not built: run `npm run build` first');
  const directory = join(workplace.path, name);
  mkdirSync(directory, { recursive: true });
  const child = workplace.adopt(
    spawn(process.execPath, [GATEWAY], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        SFTP_PORT: '0',
        SFTP_USER: 'dev',
        SFTP_AUTHORIZED_KEYS: key.publicFile,
        SFTP_HOST_KEY_DIR: join(directory, 'host-keys'),
        SFTP_BACKEND: backend,
        ...(backend === 'folder' ? { SFTP_FOLDER_ROOT: join(directory, 'files') } : {}),
        ...env,
      },
    }),
  );
  // Read to the end, or the gateway would stop at a full pipe.
  child.stderr.resume();
  const line = await lineOf(child, child.stdout, /SFTP server listening on \S+:(\d+)/);
  return {
    name,
    host: HOST,
    port: Number(line[1]),
    username: 'dev',
    root: '',
    pid: child.pid,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/**
 * Waits for a line of a child's output, and goes on reading what follows.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {import('node:stream').Readable} stream
 * @param {RegExp} pattern
 * @returns {Promise<RegExpExecArray>}
 */
export function lineOf(child, stream, pattern) {
  return new Promise((resolve, reject) => {
    const said = [];
    createInterface({ input: stream }).on('line', (line) => {
      if (said.length < 100) said.push(line);
      const match = pattern.exec(line);
      if (match) resolve(match);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The server ended with ${code} before it was ready:\n${said.join('\n')}`));
    });
  });
}

// sshd does not take port 0.
async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
