import type { AddressInfo } from 'node:net';

import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import type { SftpAuthenticator } from '../auth/authenticator.js';
import { OpenFileStrategies } from '../filesystem/open-files/open-file-strategies.js';
import { type HostKey, loadHostKeys } from '../server/host-keys.js';
import type { ServerOptions } from '../server/server-options.js';
import { BufferPool } from '../session/buffer-pool.js';
import { SftpGates } from '../session/hooks/gates.js';
import type { LiveSession } from '../server/live-sessions.js';
import { SshServer } from '../server/ssh-server.js';
import { SftpBackendRegistry } from './backend-registry.js';
import { checkAuthenticator } from './check-authenticator.js';
import type { CheckedOptions } from './check-options.js';
import { HandlerSubscriber } from './handler-subscriber.js';
import { nestLog } from './nest-log.js';
import { messageWithCauses } from '../events/message-with-causes.js';
import { SftpEvents } from '../events/sftp-events.js';
import { SessionStorage } from './session-storage.js';
import { SFTP_AUTHENTICATOR, SFTP_MODULE_OPTIONS, SFTP_SERVER_NAME } from './tokens.js';

/** What may lie unused in the server's pool of buffers, in bytes. */
const MAX_KEPT_BUFFER_BYTES = 16 * 1024 * 1024;

/** Whether a server takes connections, has none, or lets its transfers end before it stops. */
export type SftpServerState = 'stopped' | 'listening' | 'draining';

/**
 * The SFTP server of a module. It listens when the application has started and drains when it shuts down;
 * inject it to learn its address, or to stop and start it by hand.
 *
 * @publicApi
 */
@Injectable()
export class SftpServer implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #log = nestLog(new Logger('SftpServer'));
  readonly #options: CheckedOptions;
  readonly #storage: SessionStorage;
  readonly #authenticator: SftpAuthenticator;
  #server: SshServer | undefined;
  #listeningSince = 0;
  #draining = 0;
  #paused = false;
  #change: Promise<void> = Promise.resolve();

  /** What happens in this server. */
  readonly events = new SftpEvents(this.#log);
  /** What must be allowed before it happens in this server. */
  readonly gates: SftpGates;

  /** @internal */
  constructor(
    @Inject(SFTP_MODULE_OPTIONS) options: CheckedOptions,
    @Inject(SFTP_AUTHENTICATOR) authenticator: SftpAuthenticator,
    /** The backends of this server. */
    readonly backends: SftpBackendRegistry,
    private readonly subscriber: HandlerSubscriber,
    @Inject(SFTP_SERVER_NAME) private readonly name: string | undefined,
  ) {
    this.#options = options;
    this.#storage = new SessionStorage(
      backends,
      new OpenFileStrategies(options.openFiles),
      options.openTimeout,
    );
    this.gates = new SftpGates(this.#log, options.gateTimeout);
    this.#authenticator = checkAuthenticator(authenticator);
  }

  /** Where the server listens, as `net.Server` tells it; `null` while it does not. */
  address(): AddressInfo | null {
    return this.#server?.address() ?? null;
  }

  /**
   * What the server is doing: `draining` from the call of {@link stop} until it has stopped, whatever it waits for
   * first.
   */
  get state(): SftpServerState {
    if (this.#draining > 0) return 'draining';
    return this.#server === undefined ? 'stopped' : 'listening';
  }

  /**
   * Starts to listen; does nothing when the server listens already.
   *
   * @throws Error that names the option and the fix: no usable host key, address in use
   */
  start(): Promise<void> {
    return this.#oneAfterTheOther(async () => {
      if (this.#server !== undefined) return;
      const server = new SshServer(await this.#serverOptions());
      server.paused = this.#paused;
      await server.listen();
      this.#server = server;
      const address = server.address();
      this.#listeningSince = Date.now();
      if (address) {
        this.#log.log(`Listening on ${address.address} port ${address.port}`);
        this.events.emit('server.listening', { address: address.address, port: address.port });
      }
    });
  }

  /**
   * Stops accepting connections, gives running transfers `drainTimeout` to end, and settles when all connections
   * are closed; does nothing when the server does not listen. It can be started again.
   */
  async stop(): Promise<void> {
    this.#draining += 1;
    try {
      await this.#oneAfterTheOther(async () => {
        const server = this.#server;
        if (server === undefined) return;
        this.#server = undefined;
        await server.stop();
        this.#log.log('Stopped');
        this.events.emit('server.stopped', { duration: Date.now() - this.#listeningSince });
      });
    } finally {
      this.#draining -= 1;
    }
  }

  /** Who is logged in at this moment, what they transfer, and how far it has come. */
  sessions(): readonly LiveSession[] {
    return this.#server?.sessions() ?? [];
  }

  /**
   * Ends a session now; its uploads are aborted.
   *
   * @param id of the session
   * @returns whether there was one
   */
  endSession(id: string): boolean {
    return this.#server?.endSession(id) ?? false;
  }

  /** Refuses new connections from now on (`connection.refused`, reason `paused`); sessions go on. */
  pause(): void {
    this.#setPaused(true);
  }

  /** Takes new connections again. */
  resume(): void {
    this.#setPaused(false);
  }

  /** Whether new connections are refused. */
  get paused(): boolean {
    return this.#paused;
  }

  /**
   * Reads the host keys of the option `hostKeys` again and uses them for new connections; running ones keep those
   * with which they began. While the server does not listen the keys are read and found good, and no more: a start
   * reads them anyway. Keys are not made here, whatever `hostKeys.create` says.
   *
   * @returns type and fingerprint of each key
   * @throws Error that names the option and the fix when a key is missing or malformed; the old keys stay in use
   */
  async reloadHostKeys(): Promise<readonly Pick<HostKey, 'type' | 'fingerprint'>[]> {
    let keys: readonly Pick<HostKey, 'type' | 'fingerprint'>[] = [];
    await this.#oneAfterTheOther(async () => {
      try {
        const loaded = await loadHostKeys({ ...this.#options.hostKeys, create: false }, this.#log);
        this.#server?.useHostKeys(loaded);
        keys = loaded.map(({ type, fingerprint }) => ({ type, fingerprint }));
      } catch (error) {
        this.#log.error(`The host keys stay as they were: ${messageWithCauses(error)}`);
        throw error;
      }
      const told = keys.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ');
      this.#log.log(`Host keys for new connections: ${told}`);
    });
    return keys;
  }

  /** @internal */
  async onApplicationBootstrap(): Promise<void> {
    this.subscriber.subscribe({ events: this.events, gates: this.gates }, this.name);
    await this.start();
  }

  /** @internal */
  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    if (this.#server !== undefined) this.#server.paused = paused;
  }

  #oneAfterTheOther(step: () => Promise<void>): Promise<void> {
    const outcome = this.#change.then(step);
    this.#change = outcome.catch(() => undefined);
    return outcome;
  }

  async #serverOptions(): Promise<ServerOptions> {
    const options = this.#options;
    // All that is wrong with them is told before anything listens.
    this.backends.mounts();
    const hostKeys = await loadHostKeys(options.hostKeys, this.#log);
    for (const key of hostKeys) this.#log.debug(`Host key ${key.type} ${key.fingerprint}`);
    return {
      host: options.host,
      port: options.port,
      hostKeys,
      authenticator: this.#authenticator,
      storageOf: (session) => this.#storage.of(session),
      umask: options.umask,
      limits: {
        maxSessions: options.maxSessions,
        maxSessionsPerAddress: options.maxSessionsPerAddress,
        maxSessionsPerUser: options.maxSessionsPerUser,
        maxPendingLogins: options.maxPendingLogins,
        maxChannels: options.maxChannels,
        maxHandles: options.maxHandles,
        maxRequestsInFlight: options.maxRequestsInFlight,
        maxPacketBytes: options.maxPacketBytes,
        maxPathBytes: options.maxPathBytes,
        maxNameBytes: options.maxNameBytes,
        maxAuthAttempts: options.maxAuthAttempts,
        maxBufferedBytes: options.maxBufferedBytes,
        maxBufferedBytesPerConnection: options.maxBufferedBytesPerConnection,
        maxBufferedBytesTotal: options.maxBufferedBytesTotal,
        maxReceiveWindow: options.maxReceiveWindow,
        maxReceiveWindowTotal: options.maxReceiveWindowTotal,
        rekeyBytes: options.rekeyBytes,
        keepAliveCount: options.keepAliveCount,
      },
      placesStore: options.placesStore,
      timeouts: {
        hello: options.helloTimeout,
        keyExchange: options.keyExchangeTimeout,
        login: options.loginTimeout,
        idle: options.idleTimeout,
        open: options.openTimeout,
        close: options.closeTimeout,
        request: options.requestTimeout,
        drain: options.drainTimeout,
        rekey: options.rekeyInterval,
        keepAlive: options.keepAliveInterval,
      },
      access: options.access ?? {},
      lockout: options.lockout ?? {},
      proxyProtocol: options.proxyProtocol,
      algorithms: options.algorithms ?? 'modern',
      banner: options.banner,
      ident: options.ident ?? 'nestjs_sftpd',
      events: this.events,
      hooks: {
        events: this.events,
        gates: this.gates,
        uploadDigest: options.uploadDigest,
        logUploads: options.logUploads ?? true,
      },
      busyPoll: options.busyPoll,
      buffers: new BufferPool(MAX_KEPT_BUFFER_BYTES),
      log: this.#log,
    };
  }
}
