// A client that transfers all the time, as a process of its own: an attacker who keeps its own process busy must
// not look like a server that keeps others waiting. Configured by JSON in the variable WITNESS.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';

import ssh2 from 'ssh2';

const { port, name } = JSON.parse(process.env.WITNESS ?? '{}');

/** Bytes of each transfer: several packets, and little enough to leave the machine to the attack. */
const TRANSFER = 200_000;
/** Milliseconds between two transfers. */
const PAUSE = 25;
/** Milliseconds after which a transfer has been noticeably disturbed. */
const PATIENCE = 10_000;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function give(failure) {
  process.send({ failure }, () => process.exit(1));
}

const client = new ssh2.Client();
client.on('error', (error) => give(error.message)).on('close', () => give('The connection ended'));
client.connect({ host: '127.0.0.1', port, username: 'dev', password: 'dev' });
await once(client, 'ready');
const sftp = await promisify(client.sftp.bind(client))();
const put = promisify(sftp.writeFile.bind(sftp));
const get = promisify(sftp.readFile.bind(sftp));
process.on('disconnect', () => process.exit(0));

for (let transfers = 1; ; transfers++) {
  const timer = setTimeout(give, PATIENCE, `A transfer took longer than ${PATIENCE} ms`);
  const content = randomBytes(TRANSFER);
  try {
    await put(name, content);
    if (sha256(await get(name)) !== sha256(content)) give('A transfer came back changed');
  } catch (error) {
    give(error.message);
  }
  clearTimeout(timer);
  process.send({ transfers });
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
