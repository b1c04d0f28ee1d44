/** Where a connection comes from. */
export interface SftpPeer {
  /** IP address of the client, behind a balancer that speaks the PROXY protocol too. */
  readonly address: string;
  /** TCP port of the client. */
  readonly port: number;
  /** The client's SSH identification without `SSH-2.0-`, e.g. `OpenSSH_9.2p1 Debian-2`; untrusted text. */
  readonly ident: string;
}

/** What an authenticator knows of a user, as it chose to give it to the session. */
export type SessionAttributes = Readonly<Record<string, unknown>>;

/** Bounds of one user, where they are not the server's. Each one has its meaning and default in the module's options. */
export interface SessionLimits {
  /** Connections at once of this user. */
  readonly maxSessionsPerUser?: number;
  /** SFTP channels at once on a connection. */
  readonly maxChannels?: number;
  /** Open files and listings at once on a channel. */
  readonly maxHandles?: number;
  /** Requests at once that a channel serves. */
  readonly maxRequestsInFlight?: number;
  /** Bytes of requests and replies that a channel may hold. */
  readonly maxBufferedBytes?: number;
  /** Milliseconds without activity. */
  readonly idleTimeout?: number;
}

/** What a log-in yields. Every call of a backend receives it as the last argument. */
export interface SftpSession {
  /** Unique in this process; log lines carry it. */
  readonly id: string;
  /** The name that the client logged in with. */
  readonly username: string;
  /** Where its connection comes from. */
  readonly peer: SftpPeer;
  /** What the authenticator returned, for the application's own use (tenant, prefix, permissions). */
  readonly attributes: SessionAttributes;
  /** Bounds of its own that the authenticator has given it. @default none */
  readonly limits?: SessionLimits;
}
