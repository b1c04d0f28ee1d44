import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that Linux gives to whoever asks for any, so that no client happens to sit on one. */
const FIRST = 20_000;
const LAST = 32_000;
/** The first of the ports that stand for rows of ports, one for each row there can be. */
const GUARDS = 15_000;
const TRIES = 50;

/**
 * Finds ports that follow one another and are free on the loopback interface, and keeps them from all who ask here,
 * in this process and in others, until this process ends. Somebody else may take one before they are used; who uses
 * them must be ready to ask again.
 *
 * @param count how many; the same for all who ask
 * @returns the first of them
 * @throws Error when there seem to be none
 */
export async function findFreePorts(count: number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const row = Math.floor((Math.random() * (LAST - FIRST)) / count);
    const guard = await listenOn(GUARDS + row);
    if (guard === undefined) continue;
    const first = FIRST + row * count;
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) {
      guard.unref();
      return first;
    }
    guard.close();
  }
  throw new Error(`Found no ${count} free ports in a row between ${FIRST} and ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === undefined) return false;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return true;
}

/** Nothing where somebody else listens. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
