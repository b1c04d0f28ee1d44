import { once } from 'node:events';

import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SftpModule, SftpServer, type SftpBackend, type SftpEvents } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';

import { channelTransport, within } from './raw-transport.js';
import { RawSftpClient, type RawClientOptions } from './raw-sftp-client.js';
import { ed25519KeyPair } from './key-pair.js';

/** A line of the server's log. */
export interface LogLine {
  readonly level: 'debug' | 'log' | 'warn' | 'error';
  readonly text: string;
  /** What came with it: a stack, the context of Nest's logger. */
  readonly details: string;
}

/** What a raw server can be started with. */
export interface RawServerOptions {
  /** @default a new `MemoryBackend` */
  readonly backend?: SftpBackend;
  /** Further options of `SftpModule.forRoot`. */
  readonly options?: Readonly<Partial<Parameters<typeof SftpModule.forRoot>[0]>>;
}

/** A server under test inside a Nest application. */
export interface RawServer {
  readonly port: number;
  /** What the server has logged so far. */
  readonly log: readonly LogLine[];
  /** The server itself. */
  readonly sftp: SftpServer;
  /** What happens in the server. */
  readonly events: SftpEvents;
  /** Logs in. */
  connect(config?: ConnectConfig): Promise<RawConnection>;
  stop(): Promise<void>;
}

/** One SSH connection of a logged-in client. */
export class RawConnection {
  constructor(readonly ssh: Client) {}

  /** Opens an SFTP channel without sending INIT. */
  async channel(options?: RawClientOptions): Promise<RawSftpClient> {
    const channel = await within(
      new Promise<ClientChannel>((resolve, reject) => {
        this.ssh.subsys('sftp', (error, opened) => {
          if (error) reject(error);
          else resolve(opened);
        });
      }),
      'the sftp subsystem',
    );
    return new RawSftpClient(channelTransport(channel), options);
  }

  /** Ends the connection and waits until it is gone. */
  async end(): Promise<void> {
    const closed = once(this.ssh, 'close');
    this.ssh.end();
    await within(closed, 'the end of the connection');
  }
}

/** Starts a Nest application with an SFTP server on a free port of the loopback interface. */
export async function startRawServer({
  backend,
  options,
}: RawServerOptions = {}): Promise<RawServer> {
  const log: LogLine[] = [];
  const app = await NestFactory.createApplicationContext(
    SftpModule.forRoot({
      host: '127.0.0.1',
      port: 0,
      hostKeys: { keys: [ed25519KeyPair().private] },
      auth: { passwords: [{ username: 'dev', password: 'dev' }] },
      backend: backend ?? new MemoryBackend(),
      ...options,
    }),
    { logger: collectingLogger(log), abortOnError: false },
  );
  const address = app.get(SftpServer).address();
  if (!address) throw new Error('The server has no address after its start');
  return {
    port: address.port,
    log,
    sftp: app.get(SftpServer),
    events: app.get(SftpServer).events,
    connect: (config = {}) => connect({ port: address.port, ...config }),
    stop: () => within(app.close(), 'the end of the application'),
  };
}

async function connect(config: ConnectConfig): Promise<RawConnection> {
  const client = new ssh2.Client();
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
  });
  client.connect({ host: '127.0.0.1', username: 'dev', password: 'dev', ...config });
  await within(ready, 'the log-in');
  // many small packets one after the other: nothing may wait for an acknowledgement
  client.setNoDelay(true);
  // a connection that the server drops is seen by whoever waits for something on it
  client.on('error', () => undefined);
  return new RawConnection(client);
}

function collectingLogger(lines: LogLine[]): LoggerService {
  const at =
    (level: LogLine['level']) =>
    (message: unknown, ...details: unknown[]) => {
      lines.push({ level, text: String(message), details: details.map(String).join('\n') });
    };
  return {
    debug: at('debug'),
    verbose: at('debug'),
    log: at('log'),
    warn: at('warn'),
    error: at('error'),
  };
}
