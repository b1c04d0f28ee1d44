import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { readOptions } from './options.mjs';
import { memoryLines, summarize, tableOf } from './report.mjs';
import { measureMemory } from './resident-memory.mjs';
import { measureS3, s3Lines } from './s3/measure-s3.mjs';
import { makeKey, startGateway, startOpenSsh } from './servers.mjs';
import { measureLargeFile, measureSmallFiles } from './throughput.mjs';
import { measureTracing, tracingLines } from './tracing.mjs';
import { Workplace } from './workplace.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const progress = (line) => process.stderr.write(`${line}\n`);

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help !== undefined) {
    say(options.help);
    return;
  }
  // The local file, a server's copy and the copy that came back; the largest file never has all three.
  const workplace = new Workplace(Math.max(3 * options.largeBytes, 2 * options.memoryBytes));
  const leave = (code) => {
    workplace.clear();
    process.exit(code);
  };
  process.once('SIGINT', () => leave(130));
  process.once('SIGTERM', () => leave(143));
  try {
    const key = makeKey(join(workplace.path, 'key'));
    const client = new Client(workplace, key, options.cipher);
    const bench = { client, workplace, options, key, progress };
    describeRun(options, workplace);
    const results = await measure(bench);
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
    }
    const missed = [...results.rows, results.memory, results.tracing, ...results.s3].filter(
      (row) => row?.met === false,
    );
    say(missed.length === 0 ? 'every target is met' : `targets missed: ${missed.length}`);
    if (options.check && missed.length > 0) process.exitCode = 1;
  } finally {
    workplace.clear();
  }
}

/** @param {object} bench */
async function measure(bench) {
  const { options, workplace, key } = bench;
  const rows = [];
  if (options.parts.includes('large') || options.parts.includes('small')) {
    const servers = [
      await startOpenSsh(workplace, key),
      await startGateway(workplace, key, 'memory'),
      await startGateway(workplace, key, 'folder'),
    ];
    const withServers = { ...bench, servers };
    // One session each that is not measured: neither side is to pay for a cold start.
    for (const server of servers) await bench.client.run(server, ['pwd'], workplace.path);
    const large = options.parts.includes('large') ? await measureLargeFile(withServers) : [];
    const small = options.parts.includes('small') ? await measureSmallFiles(withServers) : [];
    const [setUp] = large;
    for (const measured of [...large, ...small]) {
      rows.push(...summarize(measured, measured === setUp ? undefined : setUp));
    }
    for (const server of servers) await server.stop?.();
    say('');
    for (const line of tableOf(rows)) say(line);
  }
  let memory;
  if (options.parts.includes('memory')) {
    memory = await measureMemory(bench);
    say('');
    for (const line of memoryLines(memory)) say(line);
  }
  let tracing;
  if (options.parts.includes('tracing')) {
    tracing = await measureTracing(bench);
    say('');
    for (const line of tracingLines(tracing)) say(line);
  }
  let s3 = [];
  if (options.parts.includes('s3')) {
    s3 = await measureS3(bench);
    say('');
    say(
      'S3: the AWS SDK by itself, and sftp through the gateway (with its log-in), at the same store',
    );
    for (const line of s3Lines(s3)) say(line);
  }
  say('');
  return { options, node: process.version, rows, memory, tracing, s3 };
}

function describeRun(options, workplace) {
  // ssh tells its version on standard error.
  const version = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim();
  say(`client and reference: ${version}; Node ${process.version}; ${cpus().length} CPUs`);
  say(`cipher ${options.cipher}, median of ${options.runs} alternating runs, loopback`);
  say(`load average before: ${loadavg()[0].toFixed(1)} (what others do here distorts the ratios)`);
  say(
    workplace.inMemory
      ? 'all files lie in memory (/dev/shm): no disk is measured'
      : 'all files lie on disk, as /dev/shm is too small: the disk is part of what is measured',
  );
}

await main();
