import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { freePort } from '../free-port.js';
import { within } from '../raw-transport.js';
import { makeTempDir } from '../temp-dir.js';

/** A balancer in front of a server. */
export interface HaProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts a haproxy that hands TCP connections on to a port of the loopback interface.
 *
 * @param parameters of the server in haproxy's words, e.g. `send-proxy-v2`
 * @param rules further lines of the backend
 */
export async function startHaProxy(
  serverPort: number,
  parameters: string,
  rules: readonly string[] = [],
): Promise<HaProxy> {
  const port = await freePort();
  const config = [
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 60s',
    '  timeout server 60s',
    'frontend sftp',
    `  bind 127.0.0.1:${port}`,
    '  default_backend servers',
    'backend servers',
    ...rules.map((rule) => `  ${rule}`),
    `  server one 127.0.0.1:${serverPort} ${parameters}`,
    '',
  ].join('\n');
  return runHaProxy(config, port);
}

/**
 * Runs a haproxy.
 *
 * @param config all of its configuration
 * @param port of the loopback interface on which it listens then
 */
export async function runHaProxy(config: string, port: number): Promise<HaProxy> {
  const directory = await makeTempDir();
  const file = join(directory.path, 'haproxy.cfg');
  await writeFile(file, config);
  const child = spawn('haproxy', ['-db', '-q', '-f', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit');
  await within(listening(port, child), `haproxy to listen; it said: ${said}`);
  return {
    port,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await directory.remove();
    },
  };
}

/** haproxy says nothing when it is ready. */
async function listening(port: number, child: { readonly exitCode: number | null }): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('haproxy has ended');
    const socket = connect({ port, host: '127.0.0.1' });
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
