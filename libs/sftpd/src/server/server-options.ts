import type { SftpAuthenticator } from '../auth/authenticator.js';
import type { Log } from '../events/log.js';
import type { StorageOfSession } from '../filesystem/storage.js';
import type { BufferPool } from '../session/buffer-pool.js';
import type { BackendTimeouts } from '../session/channel-context.js';
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
  readonly timeouts: ServerTimeouts;
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
  /** Channels at once on one connection. */
  readonly maxChannels: number;
  /** Open handles at once on one channel. */
  readonly maxHandles: number;
  /** Failed attempts to log in on one connection. */
  readonly maxAuthAttempts: number;
  /** Bytes of requests and replies that one channel may hold. */
  readonly maxBufferedBytes: number;
}

/** How long things may take, in milliseconds. */
export interface ServerTimeouts extends BackendTimeouts {
  /** From the TCP connection to the end of authentication. */
  readonly login: number;
  /** Without a byte either way and without work under way. */
  readonly idle: number;
  /** For running transfers when the server stops. */
  readonly drain: number;
}
