import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { seenFromAfar } from '../far-away/far-away.mjs';
import { mustBeEqual, sha256, writeRandomFile } from '../files.mjs';
import { alternate, measurement } from '../rounds.mjs';
import { OURS } from '../servers/fleet.mjs';

const MIB = 1024 * 1024;

/**
 * Measures one large file each way over round trips of several lengths, where windows count and the processor does not.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureFarAway(bench) {
  const { workplace, options } = bench;
  const directory = workplace.directory('far');
  writeRandomFile(join(directory, 'up'), options.farBytes);
  const file = { directory, digest: await sha256(join(directory, 'up')) };
  const measured = [];
  for (const milliseconds of options.roundTrips) {
    measured.push(...(await measureRoundTrip(bench, file, milliseconds)));
  }
  rmSync(directory, { recursive: true });
  return measured;
}

async function measureRoundTrip({ fleet, client, workplace, options, progress }, file, rtt) {
  const { farBytes, farRuns } = options;
  const { directory, digest } = file;
  const mib = farBytes / MIB;
  const shared = { kind: 'seconds', unit: 's', work: { amount: mib, unit: 'MiB' } };
  const far = `${mib} MiB over ${rtt} ms`;
  const up = measurement({ id: `far/${rtt}/up`, what: `upload ${far}`, ...shared });
  const down = measurement({ id: `far/${rtt}/down`, what: `download ${far}`, ...shared });

  const servers = [];
  for (const server of await fleet.of(OURS)) {
    servers.push(await seenFromAfar(workplace, server, rtt));
  }
  await alternate({ servers, runs: farRuns, what: far, progress }, async (server) => {
    const remote = `${server.root}/far`;
    const put = await client.run(server, [`put up ${remote}`], directory);
    const get = await client.run(server, [`get ${remote} down`], directory);
    mustBeEqual(await sha256(join(directory, 'down')), digest, server.name);
    rmSync(join(directory, 'down'));
    await client.run(server, [`rm ${remote}`], directory);
    return [
      [up, put],
      [down, get],
    ];
  });
  for (const server of servers) await server.stop();
  return [up, down];
}
