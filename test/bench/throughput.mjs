import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256, sha256OfFiles, writeRandomFile, writeSmallFiles } from './files.mjs';

const MIB = 1024 * 1024;

/**
 * Seconds of the client's process in each run, by server.
 *
 * @typedef {object} Measurement
 * @property {string} title
 * @property {string} unit what `amount` counts
 * @property {number} amount
 * @property {Record<string, number>} targets lowest accepted ratio to OpenSSH, by server
 * @property {Map<string, number[]>} seconds
 */

/**
 * Measures one large file, up and down.
 *
 * @param {object} bench
 * @returns {Promise<Measurement[]>}
 */
export async function measureLargeFile({ servers, client, workplace, options, progress }) {
  const { largeBytes, runs } = options;
  const mib = largeBytes / MIB;
  const directory = join(workplace.path, 'large');
  mkdirSync(directory, { recursive: true });
  writeRandomFile(join(directory, 'up'), largeBytes);
  const digest = await sha256(join(directory, 'up'));
  const targets = { memory: 1.5, folder: 1.0 };
  const setUp = measurement('connection alone', 'log-ins', 1, {});
  const up = measurement(`upload ${mib} MiB`, 'MiB', mib, targets);
  const down = measurement(`download ${mib} MiB`, 'MiB', mib, targets);

  for (let run = 1; run <= runs; run += 1) {
    for (const server of servers) {
      progress(`run ${run} of ${runs}: ${mib} MiB, ${server.name}`);
      const remote = `${server.root}/large`;
      record(setUp, server, await client.run(server, ['pwd'], directory));
      record(up, server, await client.run(server, [`put up ${remote}`], directory));
      record(down, server, await client.run(server, [`get ${remote} down`], directory));
      mustBeEqual(await sha256(join(directory, 'down')), digest, `${server.name}, run ${run}`);
      rmSync(join(directory, 'down'));
      await client.run(server, [`rm ${remote}`], directory);
    }
  }
  rmSync(directory, { recursive: true });
  return [setUp, up, down];
}

/**
 * Measures many small files in one session, up and down.
 *
 * @param {object} bench
 * @returns {Promise<Measurement[]>}
 */
export async function measureSmallFiles({ servers, client, workplace, options, progress }) {
  const { smallFiles, smallBytes, runs } = options;
  const from = join(workplace.path, 'small');
  const back = join(workplace.path, 'small-back');
  const names = writeSmallFiles(from, smallFiles, smallBytes);
  const digest = await sha256OfFiles(from);
  const targets = { memory: 1.3, folder: 1.3 };
  const up = measurement(`upload ${smallFiles} small files`, 'files', smallFiles, targets);
  const down = measurement(`download ${smallFiles} small files`, 'files', smallFiles, targets);

  for (let run = 1; run <= runs; run += 1) {
    for (const server of servers) {
      progress(`run ${run} of ${runs}: ${smallFiles} files, ${server.name}`);
      const remote = `${server.root}/small`;
      await client.run(server, [`mkdir ${remote}`], from);
      const putAll = [`cd ${remote}`, ...names.map((name) => `put ${name}`)];
      record(up, server, await client.run(server, putAll, from));
      mkdirSync(back);
      const getAll = [`cd ${remote}`, ...names.map((name) => `get ${name}`)];
      record(down, server, await client.run(server, getAll, back));
      mustBeEqual(await sha256OfFiles(back), digest, `${server.name}, run ${run}`);
      rmSync(back, { recursive: true });
      await client.run(server, [`rm ${remote}/*`, `rmdir ${remote}`], from);
    }
  }
  rmSync(from, { recursive: true });
  return [up, down];
}

/** @returns {Measurement} */
function measurement(title, unit, amount, targets) {
  return { title, unit, amount, targets, seconds: new Map() };
}

/** @param {Measurement} measured @param {{ name: string }} server @param {number} seconds */
function record(measured, server, seconds) {
  const all = measured.seconds.get(server.name) ?? [];
  measured.seconds.set(server.name, [...all, seconds]);
}
