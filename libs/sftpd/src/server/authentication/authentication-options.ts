import type { Connection as SshConnection } from 'ssh2';

import type { Refusal, SftpAuthenticator } from '../../auth/authenticator.js';
import type { Log } from '../../events/log.js';
import type { RefusalReason } from '../../events/connection-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { SessionAttributes, SessionLimits, SftpPeer } from '../../filesystem/session.js';

/** Who has logged in. */
export interface Login {
  readonly username: string;
  readonly attributes: SessionAttributes;
  readonly limits: SessionLimits;
}

/** An attempt to log in that has failed. */
export interface FailedAttempt {
  /** Untrusted text. */
  readonly username: string;
  readonly method: string;
  /** Attempts that have failed on the connection until now. */
  readonly failures: number;
  /** Whether what the client gave was wrong; not, when the authenticator itself has failed. */
  readonly guess: boolean;
}

/** What the flow of one connection's authentication works with. */
export interface AuthenticationOptions {
  readonly client: SshConnection;
  readonly authenticator: SftpAuthenticator;
  /** As in the log. */
  readonly connectionId: string;
  readonly peer: SftpPeer;
  /** Failed attempts after which the connection is ended. */
  readonly maxAttempts: number;
  /** Whether signatures of RSA keys over SHA-1 are taken. */
  readonly sha1Signatures: boolean;
  readonly log: Log;
  /**
   * Asked when the authenticator lets a client in.
   *
   * @returns why the client may not come in all the same, if so; its connection ends then. Never rejects
   */
  readonly admit: (login: Login) => MaybePromise<Refusal | undefined>;
  /** Told once, right before the client is told. */
  readonly onSuccess: (login: Login) => void;
  /** Told of each attempt that has failed. */
  readonly onFailure: (attempt: FailedAttempt) => void;
  /**
   * To end the connection.
   *
   * @param reason where it is a limit, or the client does not keep to the protocol
   */
  readonly disconnect: (reason?: RefusalReason) => void;
}
