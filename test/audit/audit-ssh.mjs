/**
 * Runs the auditor `ssh-audit` on the built gateway, or on the server at HOST:PORT, prints its report, and fails
 * when the report holds a failure.
 *
 *     npm run build && node test/audit/audit-ssh.mjs [HOST:PORT]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = path.join(import.meta.dirname, '../../dist/apps/gateway/main.js');
const LISTENING = /^SFTP server listening on (.+):(\d+)$/;

/** Milliseconds that the auditor gets. */
const AUDIT_TIMEOUT = 60_000;

/** Prints the report on a server. Returns whether there is one and no failure is in it. */
function audit(host, port) {
  const args = ['-n', '-p', port, host];
  const { stdout, stderr, error } = spawnSync('ssh-audit', args, {
    encoding: 'utf8',
    timeout: AUDIT_TIMEOUT,
  });
  if (error) throw new Error(`ssh-audit cannot be run: ${error.message}`, { cause: error });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  // Its exit code is 0 for its usage and 2 for warnings: what it has read of the server is what counts.
  for (const section of ['(kex)', '(key)', '(enc)', '(mac)']) {
    if (!stdout.includes(`\n${section} `)) {
      process.stderr.write(`ssh-audit has not reported on ${section}\n`);
      return false;
    }
  }
  const failures = stdout.split('\n').filter((line) => line.includes('[fail]')).length;
  process.stderr.write(`ssh-audit: ${failures} failures\n`);
  return failures === 0;
}

/** Starts a gateway with fresh host keys; `use` gets its address, and when it is done the gateway ends. */
async function withGateway(use) {
  const cwd = await mkdtemp(path.join(tmpdir(), 'audit-ssh-'));
  const { PATH, HOME } = process.env;
  const gateway = spawn(process.execPath, [MAIN], {
    cwd,
    env: { PATH, HOME, SFTP_PORT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(gateway, 'exit');
  try {
    for await (const line of createInterface({ input: gateway.stdout })) {
      const [, host, port] = LISTENING.exec(line) ?? [];
      if (port) return await use(host, port);
    }
    throw new Error('The gateway has not started');
  } finally {
    gateway.kill('SIGTERM');
    await exited;
    await rm(cwd, { recursive: true, force: true });
  }
}

const [, host, port] = /^(.+):(\d+)$/.exec(process.argv[2] ?? '') ?? [];
const passed = port ? audit(host, port) : await withGateway(async (...at) => audit(...at));
process.exitCode = passed ? 0 : 1;
