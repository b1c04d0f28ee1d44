import type {
  AuthenticationMethod,
  AuthenticationProgress,
  SftpAuthenticator,
} from '../../auth/authenticator.js';
import type { SessionAttributes } from '../../filesystem/session.js';

/** Partial successes on one connection; an authenticator that goes on for ever is stopped here. */
const MAX_STEPS = 8;

const NO_PROGRESS: AuthenticationProgress = Object.freeze({
  succeeded: Object.freeze([]),
  attributes: Object.freeze({}),
});

/** The method of an authenticator that answers for a way to log in. */
export const METHOD_NAMES = {
  publickey: 'authorizePublicKey',
  password: 'authenticatePassword',
  'keyboard-interactive': 'keyboardInteractive',
} as const satisfies Record<AuthenticationMethod, keyof SftpAuthenticator>;

/** How far the log-in on one connection has come, and how it may go on. */
export class LoginProgress {
  readonly #available: readonly AuthenticationMethod[];
  readonly #first: readonly AuthenticationMethod[];
  #allowed: readonly AuthenticationMethod[];
  #progress = NO_PROGRESS;
  #steps = 0;
  #username: string | undefined;
  #service: string | undefined;

  /**
   * @param available ways to log in that there are
   * @param first those that a log-in may begin with; those that there are not do not count
   */
  constructor(
    available: readonly AuthenticationMethod[],
    first: readonly AuthenticationMethod[] = available,
  ) {
    this.#available = available;
    this.#first = available.filter((method) => first.includes(method));
    this.#allowed = this.#first;
  }

  /** The ways with which the client may go on now. */
  get allowed(): readonly AuthenticationMethod[] {
    return this.#allowed;
  }

  /** What has been achieved, for the authenticator. */
  get progress(): AuthenticationProgress {
    return this.#progress;
  }

  /** Whether the client may go on with this method. */
  allows(method: string): boolean {
    return (this.#allowed as readonly string[]).includes(method);
  }

  /**
   * To be called with each request: what one user has achieved must not help another one (RFC 4252, section 5).
   */
  requestedFor(username: string, service: string): void {
    if (this.#username !== username || this.#service !== service) {
      this.#progress = NO_PROGRESS;
      this.#allowed = this.#first;
    }
    this.#username = username;
    this.#service = service;
  }

  /**
   * Takes note of a partial success.
   *
   * @param method by which it came
   * @param next the methods that may follow
   * @param attributes what it adds to those of the session
   * @returns what is wrong with it; nothing has changed then
   */
  advance(
    method: AuthenticationMethod,
    next: readonly AuthenticationMethod[],
    attributes: SessionAttributes,
  ): string | undefined {
    const missing = next.find((name) => !this.#available.includes(name));
    if (missing !== undefined) {
      return `asks for ${JSON.stringify(missing)} next, which it cannot check itself`;
    }
    if (this.#steps >= MAX_STEPS) return `has asked for more than ${MAX_STEPS} further steps`;
    this.#steps += 1;
    this.#allowed = [...new Set(next)];
    this.#progress = Object.freeze({
      succeeded: Object.freeze([...this.#progress.succeeded, method]),
      attributes: Object.freeze(this.merged(attributes)),
    });
    return undefined;
  }

  /** The attributes of all steps; those of a later one win. */
  merged(attributes: SessionAttributes): SessionAttributes {
    return this.#progress === NO_PROGRESS
      ? attributes
      : { ...this.#progress.attributes, ...attributes };
  }
}

/**
 * The ways to log in that an authenticator has.
 *
 * @param dialogues whether there can be dialogues on the connection
 */
export function availableMethods(
  authenticator: SftpAuthenticator,
  dialogues: boolean,
): AuthenticationMethod[] {
  return (Object.keys(METHOD_NAMES) as AuthenticationMethod[]).filter(
    (method) =>
      authenticator[METHOD_NAMES[method]] !== undefined &&
      (dialogues || method !== 'keyboard-interactive'),
  );
}

/** The ways that a log-in may begin with; none when what the authenticator says about them is no list. */
export function firstMethods({
  firstMethods: first,
}: SftpAuthenticator): AuthenticationMethod[] | undefined {
  if (first === undefined) return undefined;
  return Array.isArray(first) ? (first as AuthenticationMethod[]) : [];
}
