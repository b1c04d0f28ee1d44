import type { INestApplicationContext, LoggerService, LogLevel } from '@nestjs/common';

import type { SftpModuleOptions, SftpModuleStatic, SftpServer } from '../../index.js';
import { SftpTestClient, type SftpTestLogin } from './sftp-test-client.js';
import { generateTestKey } from './test-key.js';

/** Options of a throw-away server: those of `SftpModule.forRoot`, all with defaults that suit a test. */
export interface SftpTestServerOptions
  extends Partial<SftpModuleOptions>, Pick<SftpModuleStatic, 'imports'> {
  /** Nest's logger. @default false */
  readonly logger?: LoggerService | LogLevel[] | false;
}

/**
 * An SFTP server in this process, for the tests of an application: on a free port of the loopback interface, with
 * a host key that was made in memory.
 *
 * @example
 * const server = await SftpTestServer.start({ backend: new MemoryBackend() });
 * const client = await server.connect();
 * await client.writeFile('/hello.txt', 'hello');
 * await server.close();
 */
export class SftpTestServer {
  readonly #clients = new Set<SftpTestClient>();

  private constructor(
    /** The application that the server is in. */
    readonly app: INestApplicationContext,
    /** The server itself. */
    readonly server: SftpServer,
  ) {}

  /**
   * Starts a server.
   *
   * @param options those of `SftpModule.forRoot`
   * @default options.backend a `MemoryBackend`, unless `imports` or `mounts` may bring another
   * @default options.auth one user, `test` with the password `test`
   * @default options.host '127.0.0.1'
   * @default options.port 0: one that is free
   * @default options.hostKeys a fresh key
   * @default options.drainTimeout 1000
   * @throws SftpOptionsError for options that are wrong
   */
  static async start(options: SftpTestServerOptions = {}): Promise<SftpTestServer> {
    const { logger = false, ...given } = options;
    // Loaded here: whoever proves a backend by the contract suite has no need of the server.
    const { NestFactory } = await import('@nestjs/core');
    const { SftpModule, SftpServer: Server } = await import('../../index.js');
    const { MemoryBackend } = await import('../../backends/memory/index.js');
    const app = await NestFactory.createApplicationContext(
      SftpModule.forRoot({
        host: '127.0.0.1',
        port: 0,
        hostKeys: { keys: [generateTestKey().privateKey] },
        auth: { passwords: [{ username: 'test', password: 'test' }] },
        ...(bringsBackend(given) ? {} : { backend: new MemoryBackend() }),
        drainTimeout: 1000,
        ...given,
      }),
      { logger, abortOnError: false },
    );
    return new SftpTestServer(app, app.get(Server, { strict: false }));
  }

  /** The port that the server listens on. @throws Error when it does not listen any more */
  get port(): number {
    const address = this.server.address();
    if (address === null) throw new Error('The server does not listen');
    return address.port;
  }

  /**
   * Logs in.
   *
   * @default login the user `test` with the password `test`
   * @throws Error when the log-in is refused
   */
  async connect(login?: SftpTestLogin): Promise<SftpTestClient> {
    const client = await SftpTestClient.connect(this.server, login);
    this.#clients.add(client);
    return client;
  }

  /** Hangs up all clients that {@link connect} has made, and closes the application. */
  async close(): Promise<void> {
    const clients = [...this.#clients];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
    await this.app.close();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Whether a backend may come from elsewhere: a module with a decorated one, or a mount. */
function bringsBackend({ imports, mounts }: SftpTestServerOptions): boolean {
  return imports !== undefined || mounts !== undefined;
}
