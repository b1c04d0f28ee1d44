import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustBeEqual, sha256, writeRandomFile } from '../files.mjs';
import { cpuSeconds, familyOf, untilAlone } from '../processes.mjs';
import { alternate, measurement } from '../rounds.mjs';
import { ALL, OURS } from '../servers/fleet.mjs';
import { INTERNAL } from '../servers/openssh.mjs';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** V8 has compiled what serves large files after so many of them. */
const WARM_UPS = 3;

/**
 * Measures one large file, up and down, with each cipher; with the first one all servers, and what each takes of the
 * processor.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureLargeFiles(bench) {
  const { options, workplace } = bench;
  const directory = workplace.directory('large');
  writeRandomFile(join(directory, 'up'), options.largeBytes);
  const file = { directory, digest: await sha256(join(directory, 'up')) };
  const measured = [];
  for (const [index, cipher] of options.ciphers.entries()) {
    measured.push(...(await measureCipher(bench, file, cipher, index === 0)));
  }
  rmSync(directory, { recursive: true });
  return measured;
}

async function measureCipher({ fleet, client, options, progress }, file, cipher, isFirst) {
  const { largeBytes } = options;
  const { directory, digest } = file;
  const mib = largeBytes / MIB;
  const cipherName = cipher.replace(/@.*/, '');
  const ending = isFirst ? '' : `/${cipherName}`;
  const work = { amount: mib, unit: 'MiB' };
  const seconds = (way, what) =>
    measurement({ id: `large/${way}${ending}`, what, kind: 'seconds', unit: 's', work });
  const up = seconds('up', `upload ${mib} MiB, ${cipherName}`);
  const down = seconds('down', `download ${mib} MiB, ${cipherName}`);
  const cpu = (way, what) =>
    measurement({ id: `large/${way}/cpu${ending}`, what, kind: 'share', unit: 's/GiB' });
  const cpuUp = cpu('up', `processor, upload, ${cipherName}`);
  const cpuDown = cpu('down', `processor, download, ${cipherName}`);

  const all = await fleet.of(isFirst ? ALL : [...OURS, INTERNAL]);
  const servers = all.filter(({ lacks = [] }) => !lacks.includes(cipher));
  const withCipher = client.with(cipher);
  const { runs } = options;
  await alternate(
    { servers, runs, warmUps: WARM_UPS, what: `${mib} MiB, ${cipherName}`, progress },
    async (server) => {
      const remote = `${server.root}/large`;
      const put = await metered(server, () =>
        withCipher.run(server, [`put up ${remote}`], directory),
      );
      const get = await metered(server, () =>
        withCipher.run(server, [`get ${remote} down`], directory),
      );
      mustBeEqual(await sha256(join(directory, 'down')), digest, server.name);
      rmSync(join(directory, 'down'));
      await withCipher.run(server, [`rm ${remote}`], directory);
      return [
        [up, put.seconds],
        [down, get.seconds],
        [cpuUp, put.cpu / (largeBytes / GIB)],
        [cpuDown, get.cpu / (largeBytes / GIB)],
      ];
    },
  );
  return [up, down, cpuUp, cpuDown];
}

/** Seconds of the client, and of the server on the processor. */
async function metered(server, session) {
  const members = familyOf(server.pid).length;
  const before = cpuSeconds(server.pid);
  const seconds = await session();
  await untilAlone(server.pid, members);
  return { seconds, cpu: cpuSeconds(server.pid) - before };
}
