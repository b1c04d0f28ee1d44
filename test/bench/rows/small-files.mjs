import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256OfFiles, writeSmallFiles } from '../files.mjs';
import { alternate, measurement } from '../rounds.mjs';
import { ALL, BARE } from '../servers/fleet.mjs';

/** V8 has compiled what serves small files after so many times some hundreds of them. */
const WARM_UPS = 4;

/**
 * Measures many small files in one session, up and down, the log-in included.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureSmallFiles({ fleet, client, workplace, options, progress }) {
  const { smallFiles, smallBytes, runs } = options;
  const from = join(workplace.path, 'small');
  const back = join(workplace.path, 'small-back');
  const names = writeSmallFiles(from, smallFiles, smallBytes);
  const digest = await sha256OfFiles(from);
  const shared = { kind: 'seconds', unit: 's', work: { amount: smallFiles, unit: 'files' } };
  const files = `${smallFiles} files of ${smallBytes / 1024} KiB`;
  const up = measurement({ id: 'small/up', what: `upload ${files}`, ...shared });
  const down = measurement({ id: 'small/down', what: `download ${files}`, ...shared });

  const servers = await fleet.of([...ALL, BARE]);
  await alternate({ servers, runs, warmUps: WARM_UPS, what: files, progress }, async (server) => {
    const remote = `${server.root}/small`;
    await client.run(server, [`mkdir ${remote}`], from);
    const putAll = [`cd ${remote}`, ...names.map((name) => `put ${name}`)];
    const put = await client.run(server, putAll, from);
    mkdirSync(back);
    const getAll = [`cd ${remote}`, ...names.map((name) => `get ${name}`)];
    const get = await client.run(server, getAll, back);
    mustBeEqual(await sha256OfFiles(back), digest, server.name);
    rmSync(back, { recursive: true });
    await client.run(server, [`rm ${remote}/*`, `rmdir ${remote}`], from);
    return [
      [up, put],
      [down, get],
    ];
  });
  rmSync(from, { recursive: true });
  return [up, down];
}
