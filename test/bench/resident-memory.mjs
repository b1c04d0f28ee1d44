import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256, writeRandomFile } from './files.mjs';
import { startGateway } from './servers.mjs';

const MIB = 1024 * 1024;
const TARGET_MIB = 64;

/**
 * Measures how the resident memory of a fresh gateway grows while a file goes up and down through the
 * folder backend. Growth is the peak of each way less what the idle gateway had before its first session.
 *
 * @param {object} bench
 */
export async function measureMemory({ client, workplace, options, key, progress }) {
  const { memoryBytes } = options;
  const directory = join(workplace.path, 'memory-local');
  mkdirSync(directory, { recursive: true });
  writeRandomFile(join(directory, 'up'), memoryBytes);
  const digest = await sha256(join(directory, 'up'));
  const server = await startGateway(workplace, key, 'folder', 'folder-memory');
  const idle = residentMib(server.pid).now;

  progress(`memory: ${memoryBytes / MIB} MiB up`);
  resetPeak(server.pid);
  await client.run(server, ['put up /file'], directory);
  const up = residentMib(server.pid);
  // The local copy makes room for the one that comes back.
  rmSync(join(directory, 'up'));

  progress(`memory: ${memoryBytes / MIB} MiB down`);
  resetPeak(server.pid);
  await client.run(server, ['get /file down'], directory);
  const down = residentMib(server.pid);
  mustBeEqual(await sha256(join(directory, 'down')), digest, 'the file of the memory measurement');

  await server.stop();
  rmSync(directory, { recursive: true });
  const growth = Math.max(up.peak, down.peak) - idle;
  return {
    megabytes: memoryBytes / MIB,
    idle,
    up,
    down,
    growth,
    target: TARGET_MIB,
    met: growth < TARGET_MIB,
  };
}

/** Resident memory of a process in MiB, and its peak. @param {number} pid */
export function residentMib(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)[1]) / 1024;
  return { now: mib('VmRSS'), peak: mib('VmHWM') };
}

/**
 * The peak of a process while something is done, in MiB.
 *
 * @param {number} pid
 * @param {() => Promise<void>} work
 */
export async function peakOf(pid, work) {
  resetPeak(pid);
  await work();
  return residentMib(pid).peak;
}

/** Makes the kernel count the peak from now on. @param {number} pid */
function resetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
