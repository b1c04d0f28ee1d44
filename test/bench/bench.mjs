import { join } from 'node:path';
import { Client } from './client.mjs';
import { machine, machineLines } from './machine.mjs';
import { readOptions, storedBytes } from './options.mjs';
import { PARTS } from './parts.mjs';
import { profileTransfers } from './profile/profile-transfers.mjs';
import { publish } from './report/publish.mjs';
import { rowsOf } from './report/rows.mjs';
import { tableOf } from './report/table.mjs';
import { Fleet } from './servers/fleet.mjs';
import { makeKey } from './servers/launch.mjs';
import { smoke } from './smoke.mjs';
import { Workplace } from './workplace.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const progress = (line) => process.stderr.write(`${line}\n`);

async function main() {
  const options = optionsOrComplaint();
  if (options === undefined) return;
  if (options.help !== undefined) {
    say(options.help);
    return;
  }
  const workplace = new Workplace(storedBytes(options));
  const leave = (code) => {
    workplace.clear();
    process.exit(code);
  };
  process.once('SIGINT', () => leave(130));
  process.once('SIGTERM', () => leave(143));
  try {
    const key = makeKey(join(workplace.path, 'key'));
    const client = new Client(workplace, key, options.ciphers[0]);
    const fleet = new Fleet(workplace, key, say, options.servers);
    const bench = { client, workplace, options, key, fleet, say, progress };
    const description = machine(options, workplace);
    for (const line of machineLines(description)) say(line);
    if (options.profile) await profileTransfers(bench);
    else if (options.smoke) await runSmoke(bench);
    else await measureAll(bench, description);
    await fleet.stop();
  } finally {
    workplace.clear();
  }
}

/** The options, or `undefined` after it has been told what is wrong with them. */
function optionsOrComplaint() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    progress(`${error.message} (--help tells all options)`);
    process.exitCode = 2;
    return undefined;
  }
}

async function runSmoke(bench) {
  if (!(await smoke(bench))) process.exitCode = 1;
}

async function measureAll(bench, description) {
  const { options, fleet } = bench;
  const rows = [];
  for (const part of options.parts) {
    const measured = await PARTS[part](bench);
    const ofPart = measured.flatMap((one) => ('samples' in one ? rowsOf(part, one) : [one]));
    say('');
    for (const line of tableOf(ofPart)) say(line);
    rows.push(...ofPart);
  }
  publish({ machine: { ...description, servers: await fleet.versions() }, options, rows });
  const missed = rows.filter(({ met }) => met === false);
  say('');
  say(missed.length === 0 ? 'every target is met' : `targets missed: ${missed.length}`);
  if (options.check && missed.length > 0) process.exitCode = 1;
}

await main();
