import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { lineOf, terminate } from '../servers/launch.mjs';

const PROXY = join(import.meta.dirname, 'delaying-proxy.mjs');

/**
 * The same server as seen from further away.
 *
 * @param {import('../workplace.mjs').Workplace} workplace
 * @param {import('../servers/launch.mjs').Server} server
 * @param {number} milliseconds of a round trip
 * @returns {Promise<import('../servers/launch.mjs').Server>} `stop` ends the way, and not the server
 */
export async function seenFromAfar(workplace, server, milliseconds) {
  const child = workplace.adopt(
    spawn(process.execPath, [PROXY, String(server.port), String(milliseconds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const line = await lineOf(child, child.stdout, /listening on (\d+)/);
  return { ...server, port: Number(line[1]), stop: () => terminate(child) };
}
