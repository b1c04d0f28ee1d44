import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256, writeRandomFile } from '../files.mjs';
import { peakMib, residentMib } from '../processes.mjs';
import { measurement, record } from '../rounds.mjs';
import { ALL } from '../servers/fleet.mjs';
import { startGateway } from '../servers/gateway.mjs';

const MIB = 1024 * 1024;
const CLIENTS = 8;

/**
 * Measures the most resident memory of each server while it takes and gives one large file, and how that of a gateway
 * with a folder grows, from before its first session on: by one very large file, and by many at once.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureMemory(bench) {
  return [
    ...(await measurePeaks(bench)),
    await measureGrowth(bench, 'memory/one-transfer', 1),
    await measureGrowth(bench, 'memory/parallel-uploads', CLIENTS),
  ];
}

async function measurePeaks({ fleet, client, workplace, options, progress }) {
  const { largeBytes } = options;
  const mib = largeBytes / MIB;
  const directory = workplace.directory('peaks');
  writeRandomFile(join(directory, 'up'), largeBytes);
  const shared = { kind: 'memory', unit: 'MiB' };
  const up = measurement({ id: 'memory/up', what: `peak, upload ${mib} MiB`, ...shared });
  const down = measurement({ id: 'memory/down', what: `peak, download ${mib} MiB`, ...shared });
  for (const server of await fleet.of(ALL)) {
    progress(`peak memory, ${mib} MiB, ${server.name}`);
    const remote = `${server.root}/peak`;
    const peakOf = (line) => peakMib(server.pid, () => client.run(server, [line], directory));
    record(up, server, await peakOf(`put up ${remote}`));
    record(down, server, await peakOf(`get ${remote} /dev/null`));
    await client.run(server, [`rm ${remote}`], directory);
  }
  rmSync(directory, { recursive: true });
  return [up, down];
}

async function measureGrowth({ client, key, workplace, options, progress }, id, clients) {
  const { memoryBytes } = options;
  const mib = memoryBytes / MIB;
  const what =
    clients === 1 ? `growth, ${mib} MiB up and down` : `growth, ${clients} uploads of ${mib} MiB`;
  const growth = measurement({ id, what, kind: 'memory', unit: 'MiB' });
  const directory = workplace.directory('growth');
  writeRandomFile(join(directory, 'up'), memoryBytes);
  const digest = await sha256(join(directory, 'up'));
  const server = await startGateway(workplace, key, 'folder', 'folder-growth');
  const idle = residentMib(server.pid).now;
  const numbers = Array.from({ length: clients }, (_, index) => index);
  progress(what);
  const peak = await peakMib(server.pid, async () => {
    await Promise.all(numbers.map((n) => client.run(server, [`put up /file-${n}`], directory)));
    if (clients === 1) await client.run(server, ['get /file-0 down'], directory);
  });
  const stored = join(server.directory, 'files');
  for (const n of numbers) mustBeEqual(await sha256(join(stored, `file-${n}`)), digest, what);
  if (clients === 1) mustBeEqual(await sha256(join(directory, 'down')), digest, what);
  await server.stop();
  record(growth, { name: 'folder' }, peak - idle);
  rmSync(directory, { recursive: true });
  rmSync(server.directory, { recursive: true });
  return growth;
}
