import type { MaybePromise } from '../filesystem/maybe-promise.js';
import type { SessionAttributes, SftpPeer } from '../filesystem/session.js';

/** A public key that a client has proved to hold: its signature has been verified. */
export interface SftpPublicKey {
  /** The key's type as it stands in `authorized_keys`, e.g. `ssh-ed25519`. */
  readonly type: string;
  /** The key in SSH's own encoding (RFC 4253, section 6.6). */
  readonly data: Buffer;
  /** `SHA256:` and the base64 of the key's hash, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/**
 * What an authenticator decides: an object is the attributes of the new session, `true` a session without any;
 * everything else is a refusal.
 */
export type AuthenticationResult = SessionAttributes | boolean | null | undefined;

/**
 * Decides who may log in. An injectable with at least one of the methods; a method that is left out is not
 * offered to clients. What a method throws is logged, and refuses.
 */
export interface SftpAuthenticator {
  /**
   * Checks a password (RFC 4252, section 8).
   *
   * Compare in constant time, and take as long for a user who does not exist.
   */
  authenticatePassword?(
    username: string,
    password: string,
    peer: SftpPeer,
  ): MaybePromise<AuthenticationResult>;

  /**
   * Says whether a key opens the account (RFC 4252, section 7). It is only ever called with a key whose
   * signature has been verified.
   */
  authorizePublicKey?(
    username: string,
    key: SftpPublicKey,
    peer: SftpPeer,
  ): MaybePromise<AuthenticationResult>;
}
