import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, writeRandomFile } from '../files.mjs';
import { logIn } from '../quick-client/session.mjs';
import { alternate, measurement, secondsOf } from '../rounds.mjs';
import { ALL } from '../servers/fleet.mjs';

const MIB = 1024 * 1024;
const BLOCK = 4096;
const IN_FLIGHT = 64;

/** Of so many replies one is compared with the file. */
const SAMPLED = 50;

/**
 * Measures reads of single blocks all over a file, many in flight, within one session.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureRandomReads(bench) {
  const { fleet, client, key, workplace, options, progress } = bench;
  const { randomReads, randomBytes, runs } = options;
  const directory = workplace.directory('random');
  const file = join(directory, 'file');
  writeRandomFile(file, randomBytes);
  const what = `${randomReads} random reads of 4 KiB, ${IN_FLIGHT} in flight`;
  const work = { amount: randomReads, unit: 'reads' };
  const reads = measurement({ id: 'random/reads', what, kind: 'seconds', unit: 's', work });
  const offsets = Array.from(
    { length: randomReads },
    () => Math.floor((Math.random() * randomBytes) / BLOCK) * BLOCK,
  );

  const servers = await fleet.of(ALL);
  const remote = ({ root }) => `${root}/random`;
  for (const server of servers) await client.run(server, [`put file ${remote(server)}`], directory);
  await alternate(
    { servers, runs, what: `${randomBytes / MIB} MiB, ${what}`, progress },
    async (server) => {
      const session = await logIn(server, key, options.ciphers[0]);
      const handle = await session.channel.open(remote(server));
      const sampled = new Map();
      const seconds = await secondsOf(() => readAll(session.channel, handle, offsets, sampled));
      await session.channel.close(handle);
      await session.close();
      compare(file, sampled, server.name);
      return [[reads, seconds]];
    },
  );
  for (const server of servers) await client.run(server, [`rm ${remote(server)}`], directory);
  rmSync(directory, { recursive: true });
  return [reads];
}

async function readAll(channel, handle, offsets, sampled) {
  let next = 0;
  const worker = async () => {
    while (next < offsets.length) {
      const index = next;
      next += 1;
      const data = await channel.read(handle, offsets[index], BLOCK);
      if (data.length !== BLOCK) throw new Error(`a read brought ${data.length} bytes`);
      if (index % SAMPLED === 0) sampled.set(offsets[index], Buffer.from(data));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

function compare(file, sampled, name) {
  const descriptor = openSync(file, 'r');
  const expected = Buffer.alloc(BLOCK);
  for (const [offset, data] of sampled) {
    readSync(descriptor, expected, 0, BLOCK, offset);
    mustBeEqual(data.toString('hex'), expected.toString('hex'), `${name}, a read at ${offset}`);
  }
  closeSync(descriptor);
}
