import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HOST, lineOf, terminate } from './launch.mjs';

const GATEWAY = join(import.meta.dirname, '../../../dist/apps/gateway/main.js');

/**
 * Starts the built gateway.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @param {'memory' | 'folder' | 's3'} backend
 * @param {string} [name]
 * @param {Record<string, string>} [env] further variables
 * @param {readonly string[]} [nodeArguments] options of Node itself
 * @returns {Promise<import('./launch.mjs').Server & { directory: string }>} with its working directory
 */
export async function startGateway(
  workplace,
  key,
  backend,
  name = backend,
  env = {},
  nodeArguments = [],
) {
  if (!existsSync(GATEWAY)) throw new Error('The gateway is not built: run `npm run build` first');
  const directory = workplace.directory(name);
  const child = workplace.adopt(
    spawn(process.execPath, [...nodeArguments, GATEWAY], {
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
  // Both are read to the end, or the gateway would stop at a full pipe; why it did not start stands in the second.
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    if (complaint.length < 4096) complaint += chunk;
  });
  const line = await lineOf(child, child.stdout, /SFTP server listening on \S+:(\d+)/).catch(
    (error) => {
      throw new Error(complaint.trim() || error.message, { cause: error });
    },
  );
  return {
    name,
    host: HOST,
    port: Number(line[1]),
    username: 'dev',
    root: '',
    pid: child.pid,
    directory,
    stop: () => terminate(child),
  };
}
