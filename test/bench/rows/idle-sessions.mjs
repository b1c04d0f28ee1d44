import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logIn } from '../quick-client/session.mjs';
import { familyOf, settledMib, untilAlone } from '../processes.mjs';
import { measurement, record } from '../rounds.mjs';
import { startGateway } from '../servers/gateway.mjs';
import { startOpenSsh } from '../servers/openssh.mjs';

/** Sessions that a server has seen before the memory of others is measured. */
const WARM_UP = 20;

/** So many users share the sessions. */
const USERS = 4;

/** How many log in at a time. */
const AT_ONCE = 8;

/**
 * Measures what a session takes that has an open SFTP channel and does nothing: resident memory with many of them less
 * that without, by their number. Each server is a fresh one, as the memory that others have left would hide it.
 *
 * @param {object} bench
 * @returns {Promise<import('../rounds.mjs').Measurement[]>}
 */
export async function measureIdleSessions({ workplace, key, options, progress }) {
  const { idleSessions } = options;
  const what = `memory of an idle session, of ${idleSessions}`;
  const perSession = measurement({ id: 'idle/session', what, kind: 'memory', unit: 'KiB' });
  const starts = [() => startOpenSsh(workplace, key), () => startForMany(workplace, key)];
  for (const start of starts) {
    const server = await start();
    progress(`${what}, ${server.name}`);
    const members = familyOf(server.pid).length;
    const logInAll = (count) => openSessions(server, key, options.ciphers[0], count);
    await closeAll(await logInAll(WARM_UP));
    await untilAlone(server.pid, members);
    const before = await settledMib(server.pid);
    const sessions = await logInAll(idleSessions);
    const after = await settledMib(server.pid);
    record(perSession, server, ((after - before) * 1024) / idleSessions);
    await closeAll(sessions);
    await server.stop();
  }
  return [perSession];
}

/** The gateway with limits that let so many in: a hundred sessions are the most that one user may have. */
async function startForMany(workplace, key) {
  const usernames = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  const authorizedKeys = [readFileSync(key.publicFile, 'utf8').trim()];
  const file = join(workplace.directory('users'), 'users.json');
  const users = usernames.map((username) => ({ username, authorizedKeys }));
  writeFileSync(file, JSON.stringify(users), { mode: 0o600 });
  const server = await startGateway(workplace, key, 'memory', 'memory', {
    SFTP_MAX_CONNECTIONS_PER_IP: '1000',
    SFTP_USERS_FILE: file,
    SFTP_USER: '',
    SFTP_AUTHORIZED_KEYS: '',
  });
  return { ...server, usernames };
}

async function openSessions(server, key, cipher, count) {
  const { usernames = [server.username] } = server;
  const sessions = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const username = usernames[next % usernames.length];
      next += 1;
      sessions.push(await logIn({ ...server, username }, key, cipher));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return sessions;
}

/** @param {readonly { close(): Promise<void> }[]} sessions */
async function closeAll(sessions) {
  await Promise.all(sessions.map((session) => session.close()));
}
