import { once } from 'node:events';

import type { Client, SFTPWrapper } from 'ssh2';

/** How a client logs in. */
export interface SshLogin {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password?: string;
  readonly privateKey?: string | Buffer;
  readonly passphrase?: string;
}

/** What a log-in may take, in milliseconds. */
const READY_TIMEOUT = 20_000;

/** A connection with one SFTP channel. */
export interface SshConnection {
  readonly sftp: SFTPWrapper;
  /** Settles when the connection is gone; never rejects. */
  readonly closed: Promise<void>;
  /** Hangs up; settles when the connection is gone. */
  end(): Promise<void>;
}

/**
 * Logs in and opens an SFTP channel.
 *
 * @throws Error when the server cannot be reached, refuses the log-in or the channel; nothing stays open then
 */
export async function connect(login: SshLogin): Promise<SshConnection> {
  // Loaded here: whoever proves a backend by the contract suite has no need of SSH.
  const { default: ssh2 } = await import('ssh2');
  const client = new ssh2.Client();
  const closed = new Promise<void>((resolve) => {
    client.once('close', resolve);
  });
  // What fails after the log-in fails the requests that are under way, and `close` comes after it.
  client.on('error', () => undefined);
  const end = async (): Promise<void> => {
    client.end();
    await closed;
  };
  try {
    client.connect({ ...login, readyTimeout: READY_TIMEOUT });
    await Promise.race([once(client, 'ready'), closed.then(hungUp)]);
    client.setNoDelay(true);
    return { sftp: await openSftp(client), closed, end };
  } catch (error) {
    client.destroy();
    const { message } = error as Error;
    throw new Error(`The log-in of ${login.username} failed: ${message}`, { cause: error });
  }
}

function hungUp(): never {
  throw new Error('the server hung up');
}

function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => {
      if (error === undefined) resolve(sftp.on('error', () => undefined));
      else reject(error);
    });
  });
}
