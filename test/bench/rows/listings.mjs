import { rmSync } from 'node:fs';
import { writeSmallFiles } from '../files.mjs';
import { alternate, measurement } from '../rounds.mjs';
import { ALL } from '../servers/fleet.mjs';

/**
 * Measures `ls -l` of a directory with few and with many entries, the log-in included.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureListings(bench) {
  const measured = [];
  for (const [id, entries] of Object.entries(bench.options.listedEntries)) {
    measured.push(await measureListing(bench, `listings/${id}`, entries));
  }
  return measured;
}

async function measureListing({ fleet, client, workplace, options, progress }, id, entries) {
  const { runs } = options;
  const from = workplace.directory('listed');
  writeSmallFiles(from, entries, 0);
  const what = `ls -l of ${entries} entries`;
  const work = { amount: entries, unit: 'entries' };
  const listing = measurement({ id, what, kind: 'seconds', unit: 's', work });

  const servers = await fleet.of(ALL);
  const remote = ({ root }) => `${root}/${id.replace('/', '-')}`;
  for (const server of servers) {
    progress(`${what}: filling ${server.name}`);
    const fill = [`mkdir ${remote(server)}`, `cd ${remote(server)}`, 'put *'];
    await client.run(server, fill, from);
  }
  await alternate({ servers, runs, what, progress }, async (server) => {
    const lines = [`ls -l ${remote(server)}`];
    return [[listing, await client.run(server, lines, from)]];
  });
  for (const server of servers) {
    await client.run(server, [`rm ${remote(server)}/*`, `rmdir ${remote(server)}`], from);
  }
  rmSync(from, { recursive: true });
  return listing;
}
