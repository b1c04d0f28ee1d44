import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256, writeRandomFile, writeSmallFiles } from '../files.mjs';
import { peakMib, residentMib } from '../processes.mjs';
import { median } from '../report/rows.mjs';
import { startGateway } from '../servers/gateway.mjs';
import { DirectClient } from './direct-client.mjs';
import { startStore } from './store.mjs';

/** What ratios of this part are held against: at the same store, so without a log-in. */
const SDK = 'the AWS SDK';

const MIB = 1024 * 1024;

/** And this, where the way to the store is what is measured. */
const NEAR = 'the same store near by';

/** Milliseconds that the far store is away, there and back. */
const FAR = 20;

/** What a gateway has seen before the memory of a transfer is measured. */
const WARM_BYTES = 16 * MIB;

/** Transfers at once, for the memory of the process. */
const PARALLEL = 8;

/**
 * Measures the S3 backend against what the AWS SDK reaches at the same store by itself, and the memory it takes.
 *
 * @param {object} bench
 * @returns {Promise<import('../report/rows.mjs').Row[]>}
 */
export async function measureS3(bench) {
  const { workplace, key } = bench;
  const store = await startStore(workplace);
  try {
    const gateway = await startGateway(workplace, key, 's3', 's3', store.env);
    const direct = new DirectClient(workplace, store.env);
    const near = { ...bench, store, gateway, direct };
    const rows = [
      ...(await measureLarge(near)),
      ...(await measureSmall(near)),
      ...(await measureListing(near)),
    ];
    await direct.stop();
    await gateway.stop();
    rows.push(...(await measureFar({ ...bench, store })));
    const memory = await measureMemory({ ...bench, store });
    return [...rows, ...memory];
  } finally {
    await store.stop();
  }
}

async function measureLarge({ client, direct, gateway, options, progress, workplace }) {
  const { largeBytes, runs } = options;
  const directory = join(workplace.path, 's3-large');
  mkdirSync(directory, { recursive: true });
  writeRandomFile(join(directory, 'up'), largeBytes);
  const digest = await sha256(join(directory, 'up'));
  const up = series(`upload ${largeBytes / MIB} MiB`, 0.8);
  const down = series(`download ${largeBytes / MIB} MiB`, 0.8);
  const file = (name) => join(directory, name);
  for (let run = 0; run <= runs; run += 1) {
    progress(`s3: run ${run} of ${runs}, ${largeBytes / MIB} MiB`);
    up.direct.push(await direct.run('upload', { file: file('up'), key: 'direct' }));
    up.ours.push(await client.run(gateway, ['put up large'], directory));
    down.direct.push(await direct.run('download', { file: file('down'), key: 'direct' }));
    mustBeEqual(await sha256(file('down')), digest, 'the direct download');
    down.ours.push(await client.run(gateway, ['get large down'], directory));
    mustBeEqual(await sha256(file('down')), digest, 'the download by sftp');
  }
  await client.run(gateway, ['rm large', 'rm direct'], directory);
  rmSync(directory, { recursive: true });
  return [rowOf(up), rowOf(down)];
}

async function measureSmall({ client, direct, gateway, options, progress, workplace }) {
  const { smallFiles, smallBytes, runs } = options;
  const directory = join(workplace.path, 's3-small');
  const names = writeSmallFiles(directory, smallFiles, smallBytes);
  const puts = series(`upload ${smallFiles} small files`, 0.7);
  for (let run = 0; run <= runs; run += 1) {
    progress(`s3: run ${run} of ${runs}, ${smallFiles} files`);
    puts.direct.push(await direct.run('putAll', { directory, names, prefix: `direct-${run}/` }));
    await client.run(gateway, [`mkdir ours-${run}`], directory);
    const lines = [`cd ours-${run}`, ...names.map((name) => `put ${name}`)];
    puts.ours.push(await client.run(gateway, lines, directory));
  }
  rmSync(directory, { recursive: true });
  return [rowOf(puts)];
}

async function measureListing({ client, direct, gateway, options, progress, workplace }) {
  const { s3Entries: listedEntries, runs } = options;
  progress(`s3: making ${listedEntries} objects`);
  await direct.run('fill', { prefix: 'listed/', count: listedEntries });
  // "Within 1.5 times" is a ratio of 1 / 1.5. A listing is as short as a log-in, which the SDK has none of.
  const list = series(`ls -l of ${listedEntries} entries, less the log-in`, 1 / 1.5);
  for (let run = 0; run <= runs; run += 1) {
    list.direct.push(await direct.run('list', { prefix: 'listed/' }));
    const logIn = await client.run(gateway, ['pwd'], workplace.path);
    list.ours.push((await client.run(gateway, ['ls -l listed'], workplace.path)) - logIn);
  }
  return [rowOf(list)];
}

/** What a way to the store costs: the same gateway through a proxy without and with a delay. */
async function measureFar({ client, key, options, progress, store, workplace }) {
  const { largeBytes, runs } = options;
  const directory = join(workplace.path, 's3-far');
  mkdirSync(directory, { recursive: true });
  writeRandomFile(join(directory, 'up'), largeBytes);
  const up = series(`upload ${largeBytes / MIB} MiB, store ${FAR} ms away`, 0.8, NEAR);
  const down = series(`download ${largeBytes / MIB} MiB, store ${FAR} ms away`, 0.8, NEAR);
  const near = await store.through(0);
  const far = await store.through(FAR);
  const nearGateway = await startGateway(workplace, key, 's3', 's3-near', near.env);
  const farGateway = await startGateway(workplace, key, 's3', 's3-far-away', far.env);
  for (let run = 0; run <= runs; run += 1) {
    progress(`s3: run ${run} of ${runs}, ${FAR} ms away`);
    up.direct.push(await client.run(nearGateway, ['put up far'], directory));
    up.ours.push(await client.run(farGateway, ['put up far'], directory));
    down.direct.push(await client.run(nearGateway, ['get far down'], directory));
    down.ours.push(await client.run(farGateway, ['get far down'], directory));
  }
  await nearGateway.stop();
  await farGateway.stop();
  await near.stop();
  await far.stop();
  rmSync(directory, { recursive: true });
  return [rowOf(up), rowOf(down)];
}

/**
 * Resident memory: the growth by one transfer of a gateway that has seen some before, as the first ones make V8's heap
 * and the code of the SDK grow whatever their size; and all of a fresh one with many transfers at once.
 */
async function measureMemory({ client, key, options, progress, store, workplace }) {
  const { largeBytes, memoryBytes } = options;
  const directory = join(workplace.path, 's3-memory');
  mkdirSync(directory, { recursive: true });

  writeRandomFile(join(directory, 'up'), memoryBytes);
  const single = await startGateway(workplace, key, 's3', 's3-single', store.env);
  writeRandomFile(join(directory, 'warm'), WARM_BYTES);
  for (let run = 0; run < 3; run += 1) {
    await client.run(single, ['put warm', 'get warm /dev/null', 'rm warm'], directory);
  }
  const idle = residentMib(single.pid).now;
  progress(`s3: memory, ${memoryBytes / MIB} MiB`);
  const one = await peakMib(single.pid, async () => {
    await client.run(single, ['put up memory'], directory);
    rmSync(join(directory, 'up'));
    await client.run(single, ['get memory down'], directory);
  });
  await client.run(single, ['rm memory'], directory);
  await single.stop();
  rmSync(join(directory, 'down'));

  writeRandomFile(join(directory, 'up'), largeBytes);
  const many = await startGateway(workplace, key, 's3', 's3-many', store.env);
  progress(`s3: memory, ${PARALLEL} transfers of ${largeBytes / MIB} MiB at once`);
  const numbers = Array.from({ length: PARALLEL }, (_, index) => index);
  const all = await peakMib(many.pid, async () => {
    await Promise.all(numbers.map((n) => client.run(many, [`put up many-${n}`], directory)));
    await Promise.all(numbers.map((n) => client.run(many, [`get many-${n} /dev/null`], directory)));
  });
  await client.run(many, ['rm many-*'], directory);
  await many.stop();
  rmSync(directory, { recursive: true });
  return [
    memoryRow(`memory of one transfer of ${memoryBytes / MIB} MiB`, one - idle, 64),
    memoryRow(`memory of the process, ${PARALLEL} x ${largeBytes / MIB} MiB`, all, 400),
  ];
}

/** @param {string} title @param {number} target lowest accepted ratio @param {string} [against] */
function series(title, target, against = SDK) {
  return { title, target, against, direct: [], ours: [] };
}

/** The first run warms both sides up and does not count. */
function rowOf({ title, target, against, direct, ours }) {
  const reference = median(direct.slice(1));
  const seconds = median(ours.slice(1));
  const ratio = reference / seconds;
  return {
    part: 's3',
    what: title,
    server: 's3',
    against,
    reference,
    value: seconds,
    unit: 's',
    runs: ours.slice(1),
    ratio,
    target,
    met: ratio >= target,
  };
}

function memoryRow(what, mib, target) {
  return { part: 's3', what, server: 's3', value: mib, unit: 'MiB', target, met: mib <= target };
}
