import { logIn } from '../quick-client/session.mjs';
import { alternate, measurement, secondsOf } from '../rounds.mjs';
import { ALL } from '../servers/fleet.mjs';

/**
 * Measures log-ins, one after the other, up to a channel that speaks SFTP: by OpenSSH's client, as a user sees it, and
 * by a client within the bench, which costs less than a process does and so shows more of the server.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureLogIns({ fleet, client, key, workplace, options, progress }) {
  const { logIns, runs } = options;
  const shared = { kind: 'seconds', unit: 's', work: { amount: logIns, unit: 'log-ins' } };
  const what = `${logIns} log-ins`;
  const users = measurement({ id: 'log-ins/openssh', what, ...shared });
  const quick = measurement({ id: 'log-ins/quick', what: `${what}, quick client`, ...shared });
  const servers = await fleet.of(ALL);
  const times = async (work) => {
    for (let count = 0; count < logIns; count += 1) await work();
  };
  await alternate({ servers, runs, what, progress }, async (server) => [
    [users, await secondsOf(() => times(() => client.run(server, ['pwd'], workplace.path)))],
    [quick, await secondsOf(() => times(() => logInAndOut(server, key, options.ciphers[0])))],
  ]);
  return [users, quick];
}

async function logInAndOut(server, key, cipher) {
  const session = await logIn(server, key, cipher);
  await session.close();
}
