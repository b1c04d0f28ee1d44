import { parseArgs } from 'node:util';

const HELP = `Measures the gateway against OpenSSH's own server, with the same client.

  npm run bench -- [options]

  --runs N        runs of each measurement, of which the median counts (5)
  --cipher NAME   cipher of all connections (aes128-gcm@openssh.com)
  --only NAME     one of: large, small, memory, tracing, s3 (all)
  --quick         small sizes and two runs: shows that the bench works, measures nothing
  --json FILE     writes the results to a file, too
  --check         exit code 1 when a target is missed
  --help          this text
`;

const PARTS = ['large', 'small', 'memory', 'tracing', 's3'];
const MIB = 1024 * 1024;

/**
 * Reads the command line.
 *
 * @param {string[]} args
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string' },
      cipher: { type: 'string', default: 'aes128-gcm@openssh.com' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, only } = values;
  const runs = Number(values.runs ?? (quick ? 2 : 5));
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number from 1 up');
  if (only !== undefined && !PARTS.includes(only)) {
    throw new Error(`--only takes one of ${PARTS.join(', ')}`);
  }
  return {
    help: values.help ? HELP : undefined,
    runs,
    quick,
    cipher: values.cipher,
    parts: only === undefined ? PARTS : [only],
    json: values.json,
    check: values.check,
    largeBytes: (quick ? 16 : 256) * MIB,
    smallFiles: quick ? 50 : 500,
    smallBytes: 4096,
    listedEntries: quick ? 1500 : 5000,
    memoryBytes: (quick ? 64 : 1024) * MIB,
  };
}
