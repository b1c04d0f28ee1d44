import { parseArgs } from 'node:util';
import { PARTS, SMOKE_PARTS } from './parts.mjs';
import { ALL, BARE, OURS } from './servers/fleet.mjs';
import { REFERENCE } from './servers/openssh.mjs';

const MIB = 1024 * 1024;
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes256-ctr',
];

const HELP = `Measures the gateway and other servers against OpenSSH's sshd, with the same client.

  npm run bench -- [options]

  --only NAMES     parts to measure, with commas between them (all), of
                   ${Object.keys(PARTS).join(', ')}
  --servers NAMES  servers to measure (all that are installed), of
                   ${ALL.join(', ')}; or ${BARE}: what little ssh2 needs for "small"
  --ciphers NAMES  ciphers of the large files, of which the first one is that of all other parts
                   (${CIPHERS.map((name) => name.replace(/@.*/, '')).join(', ')})
  --runs N         runs of each measurement, of which the median counts (5)
  --files N        number of small files (500)
  --round-trips MS milliseconds of the round trips of "far", with commas between them (10,50,150)
  --quick          small sizes and two runs: shows that the bench works, measures nothing
  --json FILE      writes the results to a file
  --svg FILE       draws the ratios into a file
  --docs           writes table and plot into docs/performance.md and docs/performance.svg
  --check          exit code 1 when a target is missed
  --smoke          in about a minute: exit code 1 when a server of ours has lost so much against sshd
                   that no noise explains it
  --profile        measures nothing, but tells where the gateway spends the time of large files
  --help           this text
`;

/**
 * Reads the command line.
 *
 * @param {string[]} args
 * @throws {Error} that names the option that cannot be used
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      servers: { type: 'string' },
      ciphers: { type: 'string' },
      runs: { type: 'string' },
      files: { type: 'string' },
      'round-trips': { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
      docs: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, json, svg, docs, check, smoke, profile } = values;
  const runs = countOf('--runs', values.runs, quick ? 2 : 5);
  const common = { json, svg, docs, check, smoke, profile, ciphers: ciphersOf(values.ciphers) };
  const options = {
    ...common,
    help: values.help ? HELP : undefined,
    runs,
    parts: namesOf('--only', values.only, Object.keys(PARTS)),
    servers: [REFERENCE, ...serversOf(values.servers)],
    quick,
    ...sizesOf(quick),
    smallFiles: countOf('--files', values.files, quick ? 50 : 500),
    roundTrips: roundTripsOf(values['round-trips'] ?? (quick ? '10,50' : '10,50,150')),
    // What counts here is the way, which is always the same.
    farRuns: Math.min(runs, 3),
  };
  return smoke ? { ...options, ...SMOKE } : options;
}

/** What is done in each run. @param {boolean} quick */
function sizesOf(quick) {
  return {
    largeBytes: (quick ? 16 : 256) * MIB,
    smallBytes: 4096,
    listedEntries: quick ? { few: 100, many: 1000 } : { few: 500, many: 10_000 },
    s3Entries: quick ? 1500 : 5000,
    logIns: quick ? 3 : 20,
    parallelBytes: (quick ? 4 : 64) * MIB,
    randomReads: quick ? 2000 : 20_000,
    randomBytes: (quick ? 8 : 64) * MIB,
    idleSessions: quick ? 40 : 200,
    memoryBytes: (quick ? 64 : 1024) * MIB,
    farBytes: (quick ? 16 : 256) * MIB,
  };
}

const SMOKE = {
  parts: SMOKE_PARTS,
  servers: OURS,
  ciphers: CIPHERS.slice(0, 1),
  runs: 3,
  largeBytes: 64 * MIB,
  smallFiles: 100,
  listedEntries: { few: 2000 },
  logIns: 4,
};

/**
 * How much the bench stores at most at a time, in bytes: the local file, a server's copy and the copy that came back of
 * a large one, each of many at once, and one with eight copies of the largest.
 *
 * @param {ReturnType<typeof readOptions>} options
 */
export function storedBytes({ parts, largeBytes, parallelBytes, farBytes, memoryBytes }) {
  const most = (part, bytes) => (parts.includes(part) ? bytes : 0);
  return Math.max(
    3 * largeBytes,
    most('parallel', 17 * parallelBytes),
    most('far', 3 * farBytes),
    most('memory', 9 * memoryBytes),
    most('s3', 2 * memoryBytes),
  );
}

function ciphersOf(given) {
  if (given === undefined) return CIPHERS;
  return given.split(',').map((name) => {
    const found = CIPHERS.find((one) => one === name || one.replace(/@.*/, '') === name);
    return found ?? name;
  });
}

function roundTripsOf(given) {
  return given.split(',').map((one) => countOf('--round-trips', one));
}

/** All servers by default; the prototype is none, and has to be named. */
function serversOf(given) {
  return given === undefined ? ALL : namesOf('--servers', given, [...ALL, BARE]);
}

function namesOf(option, given, known) {
  if (given === undefined) return known;
  const names = given.split(',');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`${option} takes names of ${known.join(', ')}`);
  return names;
}

function countOf(option, given, otherwise) {
  const count = Number(given ?? otherwise);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${option} takes a number from 1 up`);
  return count;
}
