import ssh2, { type Client, type SFTPWrapper } from 'ssh2';

import { within } from '../raw-transport.js';

/** Logs in as `dev` with a real client. */
export async function connectAs(port: number, username = 'dev', password = 'dev'): Promise<Client> {
  const client = new ssh2.Client();
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).on('error', reject);
  });
  client.connect({ host: '127.0.0.1', port, username, password });
  await within(ready, 'a log-in');
  return client;
}

/** Stores a file of zeros, as `dev`. */
export async function store(port: number, path: string, bytes: number): Promise<void> {
  const client = await connectAs(port);
  const sftp = await called<SFTPWrapper>((done) => client.sftp(done));
  await called((done) => sftp.writeFile(path, Buffer.alloc(bytes), done));
  client.end();
}

/** The promise of a call that ends in a callback. */
export function called<T = unknown>(
  call: (done: (error?: Error | null, value?: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}
