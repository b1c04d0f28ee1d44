import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeRandomFile } from '../files.mjs';
import { startGateway } from '../servers/gateway.mjs';
import { digestOf } from './digest.mjs';

const MIB = 1024 * 1024;
const PROFILER = join(import.meta.dirname, 'start-profiler.mjs');

/** Functions that are listed. */
const LISTED = 15;

/** Seconds in which a profile begins or is written, on the slowest machine. */
const PATIENCE = 60;

/**
 * Tells where the gateway spends the time of one large file each way, with each backend that needs no other server.
 *
 * @param {object} bench
 */
export async function profileTransfers({ client, key, workplace, options, say }) {
  const { largeBytes } = options;
  const directory = workplace.directory('profiled');
  writeRandomFile(join(directory, 'up'), largeBytes);
  for (const backend of ['memory', 'folder']) {
    const profiles = workplace.directory('profiles');
    const env = { BENCH_PROFILES: profiles };
    const node = ['--import', PROFILER];
    const server = await startGateway(workplace, key, backend, backend, env, node);
    const put = () => client.run(server, ['put up file'], directory);
    const get = () => client.run(server, ['get file down'], directory);
    await put();
    await get();
    for (const [index, [what, transfer]] of [
      [`upload ${largeBytes / MIB} MiB, ${backend}`, put],
      [`download ${largeBytes / MIB} MiB, ${backend}`, get],
    ].entries()) {
      const seconds = await profiled(server, profiles, index + 1, transfer);
      const profile = JSON.parse(readFileSync(join(profiles, `${index + 1}.cpuprofile`), 'utf8'));
      say('');
      say(`${what}: ${seconds.toFixed(2)} s of the client`);
      for (const line of linesOf(digestOf(profile))) say(line);
    }
    await server.stop();
  }
  rmSync(directory, { recursive: true });
}

async function profiled(server, profiles, number, transfer) {
  process.kill(server.pid, 'SIGUSR2');
  await appears(join(profiles, `${number}.begun`));
  const seconds = await transfer();
  process.kill(server.pid, 'SIGUSR2');
  await appears(join(profiles, `${number}.cpuprofile`));
  return seconds;
}

async function appears(file) {
  const deadline = performance.now() + PATIENCE * 1000;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error(`The profiler has not written ${file}`);
    await delay(20);
  }
}

function linesOf({ busy, idle, collecting, functions }) {
  const percent = (seconds) => `${((100 * seconds) / busy).toFixed(1).padStart(5)} %`;
  return [
    `  busy ${busy.toFixed(2)} s, idle ${idle.toFixed(2)} s; of the busy time:`,
    `  ${percent(collecting)}  garbage collection`,
    ...functions
      .slice(0, LISTED)
      .map(({ name, place, self }) => `  ${percent(self)}  ${name}  ${place}`.trimEnd()),
  ];
}
