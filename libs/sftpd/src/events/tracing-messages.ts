import type { SftpPath } from '../filesystem/path.js';
import type { SftpPeer, SftpSession } from '../filesystem/session.js';

/**
 * What the tracing channels are told of something that takes its time. One object goes through all channels of one
 * trace, so that a subscriber may join them by it; what is known only at the end is filled in before `asyncEnd`.
 */
export interface TraceMessage {
  /** Milliseconds from `start` to `asyncEnd`; nothing before that. */
  readonly duration: number | undefined;
  /** What it has failed with; nothing before `error`. */
  readonly error: Error | undefined;
}

/** A server, from the moment at which it listens until it has stopped. */
export interface ServerMessage extends TraceMessage {
  /** Where it listens, or should have. */
  readonly address: string | undefined;
  /** TCP port that it listens on, or should have. */
  readonly port: number;
}

/** A connection, from the client's identification until it is closed. */
export interface ConnectionMessage extends TraceMessage {
  /** As in the log. */
  readonly connectionId: string;
  /** Where it comes from. */
  readonly peer: SftpPeer;
  /** Who has logged in; nothing before that. Its id is the connection's. */
  readonly session: SftpSession | undefined;
  /** Bytes of the socket, encrypted; 0 before `asyncEnd`. */
  readonly bytesReceived: number;
  /** Bytes of the socket, encrypted; 0 before `asyncEnd`. */
  readonly bytesSent: number;
}

/**
 * What came of a request to log in: `accepted`, `partial` (another method comes next), `refused`, `asked` (no attempt:
 * a client that asks for the methods, or whether a key is worth a signature) or `abandoned` (the connection ended).
 */
export type AuthenticationOutcome = 'accepted' | 'partial' | 'refused' | 'asked' | 'abandoned';

/** A request to log in. */
export interface AuthenticationMessage extends TraceMessage {
  /** As in the log. */
  readonly connectionId: string;
  /** Where the request comes from. */
  readonly peer: SftpPeer;
  /** Untrusted text. */
  readonly username: string;
  /** Untrusted text: `password`, `publickey`, `keyboard-interactive`, or whatever the client writes. */
  readonly method: string;
  /** Nothing before `asyncEnd`. */
  readonly outcome: AuthenticationOutcome | undefined;
}

/** A request of SFTP, from its arrival, which may be before its turn, until its reply is ready. */
export interface OperationMessage extends TraceMessage {
  /** The connection's id, which the log carries. */
  readonly connectionId: string;
  /** Whose request it is. */
  readonly session: SftpSession;
  /** The request's name in lower case, such as `open`, or the extension's, such as `posix-rename@openssh.com`. */
  readonly operation: string;
  /** As the session sees it, of a handle's file too; nothing where there is none, or what was sent names nothing. */
  readonly path: SftpPath | undefined;
  /** The other path of a rename, a hard link or a copy: the new one. */
  readonly to: SftpPath | undefined;
  /** Bytes of content that a `read` has given or a `write` has taken; else, and before `asyncEnd`, 0. */
  readonly bytes: number;
  /** With its POSIX code. The end of a file or a listing is no failure. */
  readonly error: (Error & { readonly code: string }) | undefined;
}
