import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256, writeRandomFile } from '../files.mjs';
import { alternate, measurement, secondsOf } from '../rounds.mjs';
import { OURS } from '../servers/fleet.mjs';
import { startGateway } from '../servers/gateway.mjs';

const MIB = 1024 * 1024;
const CLIENTS = 8;

/**
 * Measures clients that transfer at once; ours as one process, and as two, as the machine's sshd has one for each client.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureParallel(bench) {
  const { fleet, client, workplace, options, progress } = bench;
  const { parallelBytes, runs } = options;
  const mib = parallelBytes / MIB;
  const directory = workplace.directory('parallel');
  writeRandomFile(join(directory, 'up'), parallelBytes);
  const digest = await sha256(join(directory, 'up'));
  const shared = { kind: 'seconds', unit: 's', work: { amount: CLIENTS * mib, unit: 'MiB' } };
  const each = `${CLIENTS} clients, ${mib} MiB each`;
  const up = measurement({ id: 'parallel/up', what: `upload, ${each}`, ...shared });
  const down = measurement({ id: 'parallel/down', what: `download, ${each}`, ...shared });

  const workers = await startWorkers(bench);
  const servers = [...(await fleet.of(OURS)), ...(workers === undefined ? [] : [workers])];
  const numbers = Array.from({ length: CLIENTS }, (_, index) => index);
  const allAtOnce = (server, lineOf) =>
    secondsOf(() => Promise.all(numbers.map((n) => client.run(server, [lineOf(n)], directory))));
  await alternate({ servers, runs, what: each, progress }, async (server) => {
    const remote = (n) => `${server.root}/parallel-${n}`;
    const put = await allAtOnce(server, (n) => `put up ${remote(n)}`);
    const get = await allAtOnce(server, (n) => `get ${remote(n)} down-${n}`);
    for (const n of numbers) {
      mustBeEqual(await sha256(join(directory, `down-${n}`)), digest, server.name);
      rmSync(join(directory, `down-${n}`));
    }
    await client.run(server, [`rm ${server.root}/parallel-*`], directory);
    return [
      [up, put],
      [down, get],
    ];
  });
  await workers?.stop();
  rmSync(directory, { recursive: true });
  return [up, down];
}

/** The gateway with two workers, which share a folder; `undefined` where this version has one only. */
async function startWorkers({ workplace, key, say }) {
  try {
    return await startGateway(workplace, key, 'folder', 'folder, 2 workers', { SFTP_WORKERS: '2' });
  } catch (error) {
    if (!/SFTP_WORKERS/.test(error.message)) throw error;
    say(`left out: folder, 2 workers (${error.message.split('\n')[0]})`);
    return undefined;
  }
}
