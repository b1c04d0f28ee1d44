import type { SftpAuthenticator } from '../auth/authenticator.js';
import type { Log } from '../events/log.js';
import type { SftpEvents } from '../events/sftp-events.js';
import type { StorageOfSession } from '../filesystem/storage.js';
import type { BufferPool } from '../session/buffer-pool.js';
import type { ServerHooks } from '../session/hooks/session-hooks.js';
import type { BackendTimeouts } from '../session/channel-context.js';
import type { AccessOptions } from './admission/access-options.js';
import type { LockoutOptions } from './admission/lockout-options.js';
import type { PlacesStore } from './admission/places-store.js';
import type { ProxyProtocolOptions } from './admission/proxy-protocol-options.js';
import type { AlgorithmPolicy } from './algorithms.js';
import type { HostKey } from './host-keys.js';

/** Everything the SSH server needs, resolved and checked. */
export interface ServerOptions {
  /** Address to bind; `undefined` means all. */
  readonly host: string | undefined;
  readonly port: number;
  readonly hostKeys: readonly HostKey[];
  readonly authenticator: SftpAuthenticator;
  readonly storageOf: StorageOfSession;
  /** Permission bits that new files and directories do not get. */
  readonly umask: number;
  readonly limits: ServerLimits;
  /** Counts connections together with other servers; `undefined`: this one counts alone. */
  readonly placesStore: PlacesStore | undefined;
  readonly timeouts: ServerTimeouts;
  readonly access: AccessOptions;
  /** `false`: nobody is locked out. */
  readonly lockout: LockoutOptions | false;
  readonly proxyProtocol: ProxyProtocolOptions | undefined;
  readonly algorithms: AlgorithmPolicy;
  readonly banner: string | undefined;
  /** The software name of the SSH identification. */
  readonly ident: string;
  readonly events: SftpEvents;
  /** Whom sessions ask and tell of what they do. */
  readonly hooks: ServerHooks;
  /** Microseconds for which the server looks for a near client's next request before it sleeps. */
  readonly busyPoll: number;
  /** Buffers for replies, shared by all channels. */
  readonly buffers: BufferPool;
  readonly log: Log;
}

/** How much one server, connection and channel may take. */
export interface ServerLimits {
  /** Connections at once, logged in or not. */
  readonly maxSessions: number;
  /** Connections at once from one IP address. */
  readonly maxSessionsPerAddress: number;
  /** Connections at once of one user. */
  readonly maxSessionsPerUser: number;
  /** Connections at once that have not logged in yet. */
  readonly maxPendingLogins: number;
  /** Channels at once on one connection. */
  readonly maxChannels: number;
  /** Open handles at once on one channel. */
  readonly maxHandles: number;
  /** Requests at once that one channel serves. */
  readonly maxRequestsInFlight: number;
  /** Bytes of one SFTP packet. */
  readonly maxPacketBytes: number;
  /** Bytes of a path from a client. */
  readonly maxPathBytes: number;
  /** Bytes of one name in a path. */
  readonly maxNameBytes: number;
  /** Failed attempts to log in on one connection. */
  readonly maxAuthAttempts: number;
  /** Bytes of requests and replies that one channel may hold. */
  readonly maxBufferedBytes: number;
  /** The same for the channels of one connection together. */
  readonly maxBufferedBytesPerConnection: number;
  /** The same for all connections together. */
  readonly maxBufferedBytesTotal: number;
  /** Bytes that a client may send on one channel before it has to wait, at the most. */
  readonly maxReceiveWindow: number;
  /** What all channels together may have of that beyond the least, in bytes. */
  readonly maxReceiveWindowTotal: number;
  /** Bytes either way after which the server asks for new keys. */
  readonly rekeyBytes: number;
  /** Questions in a row without an answer after which a client is taken for gone. */
  readonly keepAliveCount: number;
}

/** How long things may take, in milliseconds. */
export interface ServerTimeouts extends BackendTimeouts {
  /** From the TCP connection to the client's SSH identification. */
  readonly hello: number;
  /** From the identification to the end of the first key exchange. */
  readonly keyExchange: number;
  /** From the TCP connection to the end of authentication. */
  readonly login: number;
  /** Without a byte either way and without work under way. */
  readonly idle: number;
  /** For running transfers when the server stops. */
  readonly drain: number;
  /** From one key exchange to the next. */
  readonly rekey: number;
  /** Of silence, after which the client is asked whether it is there. */
  readonly keepAlive: number;
}
