import { connect, createServer } from 'node:net';

// A process of its own: `delaying-proxy.mjs TARGET_PORT MILLISECONDS` puts a way of so many milliseconds there and back
// between a client and a server on this machine, and prints its port. Bandwidth is not limited: what may be on its way
// is far more than any window of SSH.

const [targetPort, milliseconds] = process.argv.slice(2).map(Number);
const ONE_WAY = milliseconds / 2;
const MAX_ON_ITS_WAY = 128 * 1024 * 1024;
const HOST = '127.0.0.1';
const SOCKET = { allowHalfOpen: true, noDelay: true, highWaterMark: 1024 * 1024 };

/**
 * Hands on what comes from one side to the other when its time has come, in order, and the end like the bytes.
 *
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 */
function carry(from, to) {
  /** @type {{ due: number, bytes: number, act: () => void }[]} */
  const onTheirWay = [];
  let bytesOnTheirWay = 0;
  let timer;

  const arrive = () => {
    timer = undefined;
    // A timer's millisecond is not worth another round of the loop.
    const now = performance.now() + 0.5;
    let count = 0;
    while (count < onTheirWay.length && onTheirWay[count].due <= now) {
      onTheirWay[count].act();
      count += 1;
    }
    onTheirWay.splice(0, count);
    if (onTheirWay.length > 0) timer = setTimeout(arrive, onTheirWay[0].due - performance.now());
  };
  const send = (bytes, act) => {
    onTheirWay.push({ due: performance.now() + ONE_WAY, bytes, act });
    timer ??= setTimeout(arrive, ONE_WAY);
  };

  from.on('data', (chunk) => {
    bytesOnTheirWay += chunk.length;
    if (bytesOnTheirWay >= MAX_ON_ITS_WAY) from.pause();
    send(chunk.length, () => {
      to.write(chunk, () => {
        bytesOnTheirWay -= chunk.length;
        if (from.isPaused() && bytesOnTheirWay < MAX_ON_ITS_WAY / 2) from.resume();
      });
    });
  });
  from.once('end', () => send(0, () => to.end()));
  // What was sent before still arrives; then the other side is told as well.
  from.once('error', () => send(0, () => to.destroy()));
  from.once('close', () => send(0, () => to.destroySoon()));
}

const server = createServer(SOCKET, (client) => {
  const target = connect({ port: targetPort, host: HOST, ...SOCKET });
  carry(client, target);
  carry(target, client);
});
server.listen(0, HOST, () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
