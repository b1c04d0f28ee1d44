import type { MaybePromise } from '../filesystem/maybe-promise.js';
import type { SessionAttributes, SessionLimits, SftpPeer } from '../filesystem/session.js';

/** A public key that a client has proved to hold: its signature has been verified. */
export interface SftpPublicKey {
  /** The key's type as it stands in `authorized_keys`, e.g. `ssh-ed25519`. */
  readonly type: string;
  /** The key in SSH's own encoding (RFC 4253, section 6.6). */
  readonly data: Buffer;
  /** `SHA256:` and the base64 of the key's hash, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** The ways to log in that a client may be offered, by their names in SSH (RFC 4252, section 5; RFC 4256). */
export type AuthenticationMethod = 'publickey' | 'password' | 'keyboard-interactive';

/**
 * What an authenticator decides. An {@link Acceptance}, or just the attributes of the new session, or `true` for a
 * session without any, lets the client in. A {@link PartialSuccess} asks for more. Everything else is a refusal,
 * also what is an object but no record of attributes (an `Error`, an array); {@link Refusal} says more about it.
 */
export type AuthenticationResult =
  Acceptance | PartialSuccess | Refusal | SessionAttributes | boolean | null | undefined;

/**
 * Under this key a result tells what it is. `instanceof` would not know the results of a second copy of this
 * package in the same process, and a refusal that is not known as one would pass for the attributes of a session.
 *
 * @internal
 */
export const RESULT_KIND: unique symbol = Symbol.for('nestjs-sftpd.authentication-result');

/** Lets the client in. */
export class Acceptance {
  /** @internal */
  readonly [RESULT_KIND] = 'acceptance';

  /**
   * @param attributes what the session carries, for the application's own use
   * @param limits bounds of this user's, instead of the server's
   */
  constructor(
    readonly attributes: SessionAttributes = {},
    readonly limits: SessionLimits = {},
  ) {}
}

/**
 * This step was right, and the client is to go on with another one (RFC 4252, section 5.1): two factors. What
 * comes next is decided by the method that the client takes then. Forgotten when the client changes its user name.
 */
export class PartialSuccess {
  /** @internal */
  readonly [RESULT_KIND] = 'partial-success';

  /**
   * @param methods with which the client may go on, any of them; no other one is asked until then
   * @param attributes what the session is to carry, beside those of the steps that follow
   */
  constructor(
    readonly methods: readonly AuthenticationMethod[],
    readonly attributes: SessionAttributes = {},
  ) {}
}

/** Lets the client not in. */
export class Refusal {
  /** @internal */
  readonly [RESULT_KIND] = 'refusal';

  /**
   * @param reason for the log alone: the client is never told
   * @param disconnect whether the client may not even try again on this connection
   */
  constructor(
    readonly reason?: string,
    readonly disconnect = false,
  ) {}
}

/** How far a log-in has come. */
export interface AuthenticationProgress {
  /** The methods that have been partly successful, for the same user name and on the same connection, in order. */
  readonly succeeded: readonly AuthenticationMethod[];
  /** The attributes that they gave. */
  readonly attributes: SessionAttributes;
}

/** What a user is asked (RFC 4256, section 3.2). */
export interface KeyboardInteractivePrompt {
  /** The question as the client shows it, such as `Code: `. */
  readonly prompt: string;
  /** Whether the client shows what is typed. @default false */
  readonly echo?: boolean;
}

/** A round of questions. */
export interface KeyboardInteractiveRequest {
  /** The questions, in the order of their answers. */
  readonly prompts: readonly KeyboardInteractivePrompt[];
  /** A title. @default none */
  readonly name?: string;
  /** @default none */
  readonly instruction?: string;
}

/** A dialogue with the user of a client. */
export interface KeyboardInteractiveDialogue {
  /**
   * Asks the user, once or more often (16 times at most), one question after the other. No prompts at all are
   * allowed: the client shows the instruction.
   *
   * @returns one answer for each prompt, of 4096 bytes at most
   * @throws Error when the client goes away, answers something else, or begins anew: let it through. The log-in is
   *   refused then, whatever is returned
   * @throws TypeError when the questions are no questions
   */
  ask(request: KeyboardInteractiveRequest): Promise<readonly string[]>;
}

/**
 * Decides who may log in. An injectable with at least one of the methods; a method that is left out is not
 * offered to clients. What a method throws is logged, and refuses.
 */
export interface SftpAuthenticator {
  /**
   * The methods that a log-in may begin with; the others are reached only by a {@link PartialSuccess}. Name them
   * when a method is a second factor: it would open the door by itself.
   *
   * @default all that are there
   */
  readonly firstMethods?: readonly AuthenticationMethod[];

  /**
   * Checks a password (RFC 4252, section 8).
   *
   * Compare in constant time, and take as long for a user who does not exist.
   */
  authenticatePassword?(
    username: string,
    password: string,
    peer: SftpPeer,
    progress: AuthenticationProgress,
  ): MaybePromise<AuthenticationResult>;

  /**
   * Says whether a key opens the account (RFC 4252, section 7). It is only ever called with a key whose
   * signature has been verified.
   */
  authorizePublicKey?(
    username: string,
    key: SftpPublicKey,
    peer: SftpPeer,
    progress: AuthenticationProgress,
  ): MaybePromise<AuthenticationResult>;

  /** Asks the user what it likes, e.g. for a one-time code (RFC 4256). */
  keyboardInteractive?(
    username: string,
    dialogue: KeyboardInteractiveDialogue,
    peer: SftpPeer,
    progress: AuthenticationProgress,
  ): MaybePromise<AuthenticationResult>;
}
