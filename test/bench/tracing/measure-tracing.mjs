import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeSmallFiles } from '../files.mjs';
import { cpuSeconds } from '../processes.mjs';
import { median } from '../report/rows.mjs';
import { startGateway } from '../servers/gateway.mjs';
import { measureCost } from './cost.mjs';

/** The most that tracing may take of a request while nobody subscribes, in percent. */
const TARGET = 1;
const SUBSCRIBER = pathToFileURL(join(import.meta.dirname, 'subscriber.mjs')).href;

/**
 * Measures what the tracing channels cost: by themselves while nobody subscribes, as a part of one STAT in this process
 * without SSH; and in a gateway with a subscriber to each of them against the same gateway without one.
 *
 * @param {object} bench
 * @returns {Promise<import('../report/rows.mjs').Row[]>}
 */
export async function measureTracing(bench) {
  const { options, progress } = bench;
  progress('what tracing costs one request');
  const cost = await measureCost({ runs: options.runs, requests: options.quick ? 6400 : 64_000 });
  const asking = (100 * Math.max(cost.call, cost.callAfter)) / cost.silent;
  const [alone, subscribed] = await measureGateways(bench);
  const row = { part: 'tracing', server: 'memory' };
  const files = `${options.smallFiles} small files up and down, processor's time`;
  return [
    { ...row, what: 'one STAT without SSH', value: cost.silent, unit: 'ns' },
    { ...row, what: 'the same, with a subscriber', value: cost.subscribed, unit: 'ns' },
    {
      ...row,
      what: 'asking whether anybody subscribes, of a STAT',
      value: asking,
      unit: '%',
      target: TARGET,
      limited: true,
      met: asking <= TARGET,
    },
    { ...row, what: `${files}, nobody subscribes`, value: alone, unit: 's' },
    { ...row, what: `${files}, with a subscriber`, value: subscribed, unit: 's' },
  ];
}

/**
 * Seconds of the processor that each gateway takes for small files. Time on the clock would tell of what else the
 * machine does: the difference is small.
 */
async function measureGateways({ workplace, key, client, options, progress }) {
  const servers = [
    await startGateway(workplace, key, 'memory', 'nobody-subscribes'),
    await startGateway(workplace, key, 'memory', 'subscribed', {}, [`--import=${SUBSCRIBER}`]),
  ];
  const from = join(workplace.path, 'traced');
  const names = writeSmallFiles(from, options.smallFiles, options.smallBytes);
  const lines = ['put', 'get'].flatMap((verb) =>
    names.map((name) => (verb === 'put' ? `put ${name}` : `get ${name} /dev/null`)),
  );
  const taken = servers.map(() => []);
  // The first round warms up, and is not counted.
  for (let run = 0; run <= options.runs; run += 1) {
    progress(`tracing: run ${run} of ${options.runs}`);
    // Nobody is always the first.
    for (const server of run % 2 === 0 ? servers : servers.toReversed()) {
      const before = cpuSeconds(server.pid);
      await client.run(server, lines, from);
      if (run > 0) taken[servers.indexOf(server)].push(cpuSeconds(server.pid) - before);
    }
  }
  for (const server of servers) await server.stop();
  rmSync(from, { recursive: true });
  return taken.map(median);
}
