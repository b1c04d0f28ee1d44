import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { HOST, lineOf, makeKey, terminate } from './launch.mjs';

const SCRIPT = join(import.meta.dirname, 'bare-server.mjs');

/**
 * Starts the least that can be done with ssh2, for small files only.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @param {{ publicFile: string }} key the key that may log in
 * @returns {Promise<import('./launch.mjs').Server>}
 */
export async function startBare(workplace, key) {
  const name = 'bare';
  const directory = workplace.directory('bare');
  const hostKey = makeKey(join(directory, 'host-key'));
  const child = workplace.adopt(
    spawn(process.execPath, [SCRIPT, hostKey.file, key.publicFile], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const line = await lineOf(child, child.stdout, /bare ssh2 listening on (\d+)/);
  return {
    name,
    host: HOST,
    port: Number(line[1]),
    username: 'dev',
    root: '',
    pid: child.pid,
    stop: () => terminate(child),
  };
}
