import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Client as SshClient } from 'ssh2';
import { PacketChannel } from './packet-channel.mjs';

/**
 * Logs in within the bench's own process, which costs a fraction of what a client's process does, and opens a channel
 * with the subsystem `sftp`.
 *
 * @param {import('../servers/launch.mjs').Server} server
 * @param {{ file: string }} key
 * @param {string} cipher
 * @returns {Promise<{ channel: PacketChannel, close(): Promise<void> }>} `close` waits until the connection has ended
 */
export async function logIn(server, key, cipher) {
  const client = new SshClient();
  const closed = new Promise((resolve) => void client.once('close', resolve));
  const ready = once(client, 'ready');
  client.connect({
    host: server.host,
    port: server.port,
    username: server.username,
    privateKey: readFileSync(key.file),
    readyTimeout: 60_000,
    algorithms: {
      kex: ['curve25519-sha256'],
      serverHostKey: ['ssh-ed25519'],
      cipher: [cipher],
      compress: ['none'],
    },
  });
  await ready;
  // What goes wrong from here on ends the connection, and is told to whoever waits for a reply.
  client.on('error', () => undefined);
  const stream = await new Promise((resolve, reject) => {
    client.subsys('sftp', (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const channel = new PacketChannel(stream);
  await channel.initialize();
  return {
    channel,
    close: async () => {
      client.end();
      await closed;
    },
  };
}
