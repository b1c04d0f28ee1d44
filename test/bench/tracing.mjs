import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './report.mjs';
import { startGateway } from './servers.mjs';
import { measureSmallFiles } from './throughput.mjs';
import { measureCost } from './tracing-cost.mjs';

/** The most that tracing may take of a request while nobody subscribes. */
const TARGET = 0.01;
const SUBSCRIBER = pathToFileURL(join(import.meta.dirname, 'tracing-subscriber.mjs')).href;

/**
 * Measures what the tracing channels cost: by themselves while nobody subscribes, and in a gateway with a subscriber
 * to each of them against the same gateway without one.
 *
 * @param {object} bench
 */
export async function measureTracing(bench) {
  const { workplace, key, options, progress } = bench;
  progress('what tracing costs one request');
  const cost = await measureCost({ runs: options.runs, requests: options.quick ? 6400 : 64_000 });
  const servers = [
    await startGateway(workplace, key, 'memory', 'nobody subscribes'),
    await startGateway(workplace, key, 'memory', 'subscribed', {
      NODE_OPTIONS: `--import=${SUBSCRIBER}`,
    }),
  ];
  const taken = await measureCpu(bench, servers);
  for (const server of servers) await server.stop();
  const [alone = 0, subscribed = 0] = taken.map(median);
  const share = Math.max(cost.call, cost.callAfter) / cost.silent;
  const gateway = { files: options.smallFiles, alone, subscribed, ratio: subscribed / alone };
  return { cost, gateway, share, target: TARGET, met: share < TARGET };
}

/**
 * Seconds of the processor that each gateway takes for small files, up and down, in each run. Time on the clock would
 * tell of what else the machine does: the difference is small.
 */
async function measureCpu(bench, servers) {
  const { runs } = bench.options;
  const once = { ...bench, options: { ...bench.options, runs: 1 } };
  const taken = servers.map(() => []);
  // The first round warms up, and is not counted.
  for (let run = 0; run <= runs; run += 1) {
    // Nobody is always the first.
    const order = run % 2 === 0 ? servers : servers.toReversed();
    for (const server of order) {
      const before = cpuSeconds(server.pid);
      await measureSmallFiles({ ...once, servers: [server] });
      if (run > 0) taken[servers.indexOf(server)].push(cpuSeconds(server.pid) - before);
    }
  }
  return taken;
}

/** As proc(5) tells it: user and system time, in hundredths. @param {number} pid */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Lines on the tracing channels. @param {Awaited<ReturnType<typeof measureTracing>>} measured */
export function tracingLines({ cost, gateway, share, target, met }) {
  const percent = (value) => `${(100 * value).toFixed(2)} %`;
  return [
    'tracing channels, by one STAT in this process (no SSH):',
    `  the request ${cost.silent.toFixed(0)} ns, of which the question whether anybody subscribes ${cost.call.toFixed(1)} ns`,
    `  with a subscriber to all of them ${cost.subscribed.toFixed(0)} ns; when that has gone, the question ${cost.callAfter.toFixed(1)} ns`,
    `  nobody subscribes: at most ${percent(share)} of the request, target below ${percent(target)}: ${met ? 'met' : 'MISSED'}`,
    `the gateway (memory), processor time for ${gateway.files} small files up and down:`,
    `  nobody subscribes ${gateway.alone.toFixed(2)} s, subscribed to all ${gateway.subscribed.toFixed(2)} s, ratio ${gateway.ratio.toFixed(2)}`,
  ];
}
