import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to whoever asks for any, so that no client happens to sit on one. */
const FIRST = 20_000;
const LAST = 32_000;
const TRIES = 50;

/**
 * Finds ports that follow one another and are free on the loopback interface. Somebody else may take one before
 * they are used; who uses them must be ready to ask again.
 *
 * @param count how many
 * @returns the first of them
 * @throws Error when there seem to be none
 */
export async function findFreePorts(count: number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const first = FIRST + Math.floor((Math.random() * (LAST - FIRST)) / count) * count;
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) return first;
  }
  throw new Error(`Found no ${count} free ports in a row between ${FIRST} and ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  const closed = once(server, 'close');
  server.close();
  await closed;
  return true;
}
