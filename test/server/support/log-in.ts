import { once } from 'node:events';

import ssh2, { type Client, type ConnectConfig } from 'ssh2';

import { RawConnection } from '../../support/raw-server.js';
import { within } from '../../support/raw-transport.js';

/** A connection and how its log-in came out. */
export interface Attempt {
  readonly client: Client;
  /** `logged in`, or why not. */
  readonly outcome: Promise<string>;
}

/** Starts a log-in; `prepare` may change the client's private ways before its first packet. */
export function attempt(config: ConnectConfig, prepare?: (client: Client) => void): Attempt {
  const client = new ssh2.Client();
  const outcome = new Promise<string>((resolve) => {
    client
      .once('ready', () => {
        resolve('logged in');
      })
      .on('error', (error) => {
        resolve(error.message);
      })
      .once('close', () => {
        resolve('disconnected');
      });
  });
  client.connect({ host: '127.0.0.1', username: 'dev', ...config });
  prepare?.(client);
  return { client, outcome: within(outcome, 'the outcome of a log-in') };
}

/** Tries to log in and hangs up again. @returns `logged in`, or why not */
export async function tryLogIn(
  config: ConnectConfig,
  prepare?: (client: Client) => void,
): Promise<string> {
  const { client, outcome } = attempt(config, prepare);
  const result = await outcome;
  client.destroy();
  return result;
}

/** Logs in as `dev` by password unless the configuration says otherwise. */
export async function logIn(config: ConnectConfig): Promise<RawConnection> {
  const { client, outcome } = attempt({ password: 'dev', ...config });
  const result = await outcome;
  if (result !== 'logged in') throw new Error(`The log-in failed: ${result}`);
  client.setNoDelay(true);
  return new RawConnection(client);
}

/** A well-behaved client, from its log-in to an answer and its goodbye; fails when it is not served. */
export async function serveOne(port: number): Promise<void> {
  const connection = await logIn({ port });
  const sftp = await connection.channel();
  await sftp.init();
  await sftp.alive();
  await connection.end();
}

/** Waits until a client's connection is gone. */
export async function untilClosed(client: Client, what: string): Promise<void> {
  await within(once(client, 'close'), `the end of ${what}`);
}
