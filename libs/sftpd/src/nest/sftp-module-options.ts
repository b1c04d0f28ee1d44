import type {
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Type,
} from '@nestjs/common';

import type { SftpAuthenticator } from '../auth/authenticator.js';
import type { HashLimitOptions } from '../auth/passwords/hash-limit.js';
import type { PasswordUser } from '../auth/static-users.js';
import type { OpenFileOptions } from '../filesystem/open-files/open-file-options.js';
import type { AccessOptions } from '../server/admission/access-options.js';
import type { LockoutOptions } from '../server/admission/lockout-options.js';
import type { PlacesStore } from '../server/admission/places-store.js';
import type { ProxyProtocolOptions } from '../server/admission/proxy-protocol-options.js';
import type { AlgorithmPolicy } from '../server/algorithms.js';
import type { HostKeyOptions } from '../server/host-keys.js';
import type { BackendSources } from './backend-providers.js';
import type { ProviderSource } from './provider-source.js';

/** A fixed list of users, for development and for a handful of partners. */
export interface StaticUsersOption extends HashLimitOptions {
  /** The users, by password or by key. */
  readonly passwords: readonly PasswordUser[];
}

/** Options of one SFTP server. */
export interface SftpModuleOptions extends BackendSources {
  /** Address to bind. @default all addresses of the machine */
  readonly host?: string;
  /** TCP port; 0 takes any that is free. @default 22 */
  readonly port?: number;
  /** The server's own keys. */
  readonly hostKeys: HostKeyOptions;
  /** Who may log in: a list of users, or an authenticator. */
  readonly auth?: StaticUsersOption | ProviderSource<SftpAuthenticator>;
  /**
   * Whether backends that the application has decorated with a mount join the tree of this server. Their names
   * can be used either way.
   * @default true
   */
  readonly discover?: boolean;
  /** Bounds of what is kept for open files whose backend has no random access. */
  readonly openFiles?: OpenFileOptions;

  /** Permission bits that new files and directories do not get, whatever the client asks for. @default 0o022 */
  readonly umask?: number;

  /** Connections at once, logged in or not. @default 1000 */
  readonly maxSessions?: number;
  /** Connections at once from one IP address; a /64 of IPv6 counts as one. @default 100 */
  readonly maxSessionsPerAddress?: number;
  /** Connections at once of one user. @default 100 */
  readonly maxSessionsPerUser?: number;
  /**
   * Connections at once that have not logged in yet. Half of them may come from one address, so that nobody can keep
   * all others out.
   * @default 200
   */
  readonly maxPendingLogins?: number;
  /** SFTP channels at once on one connection. @default 10 */
  readonly maxChannels?: number;
  /** Open files and listings at once on one channel. @default 1024 */
  readonly maxHandles?: number;
  /** Requests at once that one channel serves; those above wait at the client. @default 1024 */
  readonly maxRequestsInFlight?: number;
  /** Bytes of one SFTP packet. @default 262144 (256 KiB); at least 34000, as the drafts ask */
  readonly maxPacketBytes?: number;
  /** Bytes of a path that a client may send. @default 4096 */
  readonly maxPathBytes?: number;
  /** Bytes of one name in a path: a key of S3 is as long; most file systems say themselves that they take 255. @default 1024 */
  readonly maxNameBytes?: number;
  /** Failed attempts to log in on one connection. @default 6 */
  readonly maxAuthAttempts?: number;
  /**
   * Bytes of requests and replies that one channel may hold; what is above waits at the client.
   * @default 2097152 (2 MiB); at least 524288
   */
  readonly maxBufferedBytes?: number;
  /** The same for all channels of one connection together. @default 16777216 (16 MiB) */
  readonly maxBufferedBytesPerConnection?: number;
  /** The same for all connections of the server together. @default 268435456 (256 MiB) */
  readonly maxBufferedBytesTotal?: number;

  /**
   * Bytes that a client may send on one channel before it has to wait (the SSH window): it grows up to this for clients
   * that send fast over a long way. @default 16777216 (16 MiB); at least 2097152, which never grows
   */
  readonly maxReceiveWindow?: number;
  /** What all windows of the server together may have beyond 2 MiB each, in bytes. @default 134217728 (128 MiB) */
  readonly maxReceiveWindowTotal?: number;

  /**
   * Microseconds for which the process looks for the next request of a client that is near and waits for each answer,
   * instead of going to sleep at once. 0 turns it off; so does a machine with a single processor.
   * @default 200
   */
  readonly busyPoll?: number;

  /** Milliseconds from the TCP connection to the client's SSH identification. @default 10000 */
  readonly helloTimeout?: number;
  /** Milliseconds from the identification to the end of the first key exchange. @default 15000 */
  readonly keyExchangeTimeout?: number;
  /** Milliseconds from the TCP connection to a successful log-in. @default 30000 */
  readonly loginTimeout?: number;
  /** Milliseconds without a byte either way, and without work under way, until a client is disconnected. @default 900000 */
  readonly idleTimeout?: number;
  /** Milliseconds that the backend may take to open a file or a listing. @default 30000 */
  readonly openTimeout?: number;
  /** Milliseconds that the backend may take to close a file: for an upload, to store it for good. @default 30000 */
  readonly closeTimeout?: number;
  /** Milliseconds that the backend may take for any other call. @default 30000 */
  readonly requestTimeout?: number;
  /** Milliseconds that one `@SftpGate()` handler may take; one that takes longer refuses. @default 60000 */
  readonly gateTimeout?: number;
  /**
   * Which digest of its content an upload's events carry, by the name that `node:crypto` gives it, such as `sha256`.
   * @default none
   */
  readonly uploadDigest?: string;
  /**
   * Whether the log has one line of each upload that is completed (level `log`) or aborted (`warn`). `false` is for
   * many small files, and for who tells of them by the events.
   * @default true
   */
  readonly logUploads?: boolean;
  /** Milliseconds that running transfers get when the server stops. @default 10000 */
  readonly drainTimeout?: number;

  /** Whose connections are taken, by their addresses. @default everybody's */
  readonly access?: AccessOptions;
  /** What happens to addresses from which log-ins keep failing. `false` turns it off. */
  readonly lockout?: LockoutOptions | false;
  /**
   * Counts connections together with other servers, so that `maxSessions`, `maxSessionsPerAddress`,
   * `maxSessionsPerUser` and `maxPendingLogins` hold for all of them. While it does not answer, this server counts
   * alone.
   * @default this server counts alone
   */
  readonly placesStore?: PlacesStore;
  /** Balancers that tell the client's address by the PROXY protocol. @default none */
  readonly proxyProtocol?: ProxyProtocolOptions;
  /**
   * What may be negotiated: `modern` has no SHA-1, no CBC, no curves of NIST and no compression; `legacy` adds what
   * old clients need; lists of one's own replace those of `modern`.
   * @default 'modern'
   */
  readonly algorithms?: AlgorithmPolicy;
  /** What clients are shown before they log in: text of at most 32,000 bytes. @default nothing */
  readonly banner?: string;
  /**
   * The software name in the server's SSH identification: printable ASCII without blanks and minus signs, at most
   * 245 characters.
   * @default 'nestjs_sftpd'
   */
  readonly ident?: string;
  /** Bytes either way after which the server asks for new keys (RFC 4253, section 9). @default 1073741824 (1 GiB) */
  readonly rekeyBytes?: number;
  /** Milliseconds after which the server asks for new keys. @default 3600000 (1 h) */
  readonly rekeyInterval?: number;
  /** Milliseconds of silence after which the client is asked whether it is still there. @default 15000 */
  readonly keepAliveInterval?: number;
  /** Such questions in a row without an answer; after one more interval the client is taken for gone. @default 3 */
  readonly keepAliveCount?: number;
}

/** What is known before the options are: it decides about providers. */
export interface SftpModuleStatic extends Pick<ModuleMetadata, 'imports'> {
  /** Tells several servers of one application apart; see `getSftpServerToken`. */
  readonly name?: string;
}

/** Makes the options: what `useClass` and `useExisting` of `forRootAsync` name. */
export interface SftpModuleOptionsFactory {
  /** Called once, when the application starts. */
  createSftpModuleOptions(): SftpModuleOptions | Promise<SftpModuleOptions>;
}

/**
 * How `forRootAsync` comes to its options: one of `useFactory`, `useClass` and `useExisting`. Backends and the
 * authenticator may stand here instead of in the options; only here they can be provided by `useExisting` and
 * `useFactory`.
 */
export interface SftpModuleAsyncOptions extends SftpModuleStatic, BackendSources {
  /** What `useFactory` is called with. @default [] */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  /** Makes the options of what is injected. */
  // Nest's own type for a factory's arguments: what is injected is only known to the caller.
  readonly useFactory?: (...args: never[]) => SftpModuleOptions | Promise<SftpModuleOptions>;
  /** A class that makes the options; an instance is made for this server. */
  readonly useClass?: Type<SftpModuleOptionsFactory>;
  /** A provider of `imports` that makes the options. */
  readonly useExisting?: InjectionToken<SftpModuleOptionsFactory>;
  /** The authenticator in Nest's terms, instead of `auth` in the options: here it can be injected. */
  readonly auth?: ProviderSource<SftpAuthenticator>;
}
