import { isTraced, sftpTracing, Trace } from '../../events/tracing.js';
import type {
  AuthenticationMessage,
  AuthenticationOutcome,
} from '../../events/tracing-messages.js';
import type { SftpPeer } from '../../filesystem/session.js';

/** Whose request to log in is traced. */
export interface TracedRequest {
  readonly connectionId: string;
  readonly peer: SftpPeer;
  readonly username: string;
  readonly method: string;
}

/** Tells the tracing channels of one request to log in. */
export class AuthenticationTrace {
  readonly #trace: Trace<AuthenticationMessage>;

  constructor({ connectionId, peer, username, method }: TracedRequest) {
    this.#trace = new Trace(sftpTracing.authentication, {
      connectionId,
      peer,
      username,
      method,
      outcome: undefined,
      duration: undefined,
      error: undefined,
    });
  }

  /** The first outcome counts. */
  ended(outcome: AuthenticationOutcome): void {
    this.#trace.finish({ outcome });
  }

  /** The authenticator has failed: the client is refused. */
  failed(error: Error): void {
    this.#trace.finish({ outcome: 'refused', error });
  }
}

/** @returns nothing when nobody is told of authentication */
export function traceAuthentication(request: TracedRequest): AuthenticationTrace | undefined {
  return isTraced(sftpTracing.authentication) ? new AuthenticationTrace(request) : undefined;
}
