import { connect, createServer } from 'node:net';

// A process of its own: `slow-store.mjs TARGET_PORT MILLISECONDS` puts a way of so many milliseconds there and back
// between a client and the store, and prints its port. What is on its way keeps its order and is not throttled.

const [targetPort, milliseconds] = process.argv.slice(2).map(Number);
const ONE_WAY = milliseconds / 2;
const MAX_ON_ITS_WAY = 16 * 1024 * 1024;

/** Hands on what comes, later. */
function carry(from, to) {
  let onItsWay = 0;
  const later = (action) => (ONE_WAY > 0 ? setTimeout(action, ONE_WAY) : action());
  from.on('data', (chunk) => {
    onItsWay += chunk.length;
    if (onItsWay > MAX_ON_ITS_WAY) from.pause();
    later(() => {
      to.write(chunk, () => {
        onItsWay -= chunk.length;
        if (onItsWay < MAX_ON_ITS_WAY / 2) from.resume();
      });
    });
  });
  from.once('end', () => later(() => to.end()));
  from.once('error', () => to.destroy());
  from.once('close', () => later(() => to.destroySoon()));
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const store = connect({
    port: targetPort,
    host: '127.0.0.1',
    allowHalfOpen: true,
    noDelay: true,
  });
  carry(client, store);
  carry(store, client);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
