import type { SftpSession } from '../filesystem/session.js';

/** Why a connection, a log-in, a channel or a request was refused. Where it is a limit, the name of its option. */
export type RefusalReason =
  | 'access'
  | 'lockout'
  | 'proxyProtocol'
  | 'maxSessions'
  | 'maxSessionsPerAddress'
  | 'maxSessionsPerUser'
  | 'maxPendingLogins'
  | 'maxChannels'
  | 'maxAuthAttempts'
  | 'maxHandles'
  | 'maxPathBytes'
  | 'maxNameBytes'
  | 'helloTimeout'
  | 'keyExchangeTimeout'
  | 'loginTimeout'
  | 'idleTimeout'
  | 'keepAlive'
  | 'protocol'
  | 'paused'
  | 'stopping';

/**
 * A connection or a channel of one was not taken, or ended by the server because a limit was reached; or a request has
 * failed at a limit (`maxHandles`, `maxPathBytes`, `maxNameBytes`), which is told once for each channel.
 */
export interface ConnectionRefusedEvent {
  /** Of the connection, as in the log; none when it was refused before it got one. */
  readonly connectionId: string | undefined;
  /** IP address of the client. */
  readonly address: string;
  /** TCP port of the client. */
  readonly port: number;
  /** Where the client has logged in already. */
  readonly username: string | undefined;
  /** What it was refused for. */
  readonly reason: RefusalReason;
}

/** A client was not let in. */
export interface AuthenticationFailedEvent {
  /** Of the connection, as in the log. */
  readonly connectionId: string;
  /** IP address of the client. */
  readonly address: string;
  /** TCP port of the client. */
  readonly port: number;
  /** Untrusted text. */
  readonly username: string;
  /**
   * How it was tried: `password`, `publickey`, `keyboard-interactive`, or whatever the client writes. Untrusted text.
   */
  readonly method: string;
  /** Attempts that have failed on this connection until now. */
  readonly failures: number;
}

/** A client has logged in. */
export interface SessionOpenedEvent {
  /** Who has logged in. */
  readonly session: SftpSession;
}

/** The connection of a session is over, and all that it had open is committed or let go. */
export interface SessionClosedEvent {
  /** Who was logged in. */
  readonly session: SftpSession;
  /** Milliseconds from the log-in. */
  readonly duration: number;
}

/** The server takes connections. */
export interface ServerListeningEvent {
  /** IP address that is bound. */
  readonly address: string;
  /** TCP port that is bound. */
  readonly port: number;
}

/** The server has stopped: all connections are closed, and all uploads committed or aborted. */
export interface ServerStoppedEvent {
  /** Milliseconds for which it had listened. */
  readonly duration: number;
}
