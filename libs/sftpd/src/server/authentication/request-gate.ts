import {
  answersFit,
  asQuestionForMethods,
  FIRST_OF_AUTHENTICATION,
  GLOBAL_REQUEST,
  LAST_OF_AUTHENTICATION,
  requestedService,
  requestHead,
  SERVICE_REQUEST,
  USERAUTH_INFO_RESPONSE,
  USERAUTH_REQUEST,
} from './authentication-messages.js';

/** Requests that wait while one is decided. */
const MAX_WAITING = 4;

/** Messages before log-in: an agent with all its keys and every dialogue come out with far fewer. */
const MAX_MESSAGES = 256;

const SERVICE = 'ssh-connection';
const AUTHENTICATION_SERVICE = 'ssh-userauth';

/** The methods that ssh2 has a word for; it hangs up on all others. */
const KNOWN_METHODS = ['none', 'password', 'publickey', 'keyboard-interactive'];

/** Who is behind a gate. */
export interface GateKeeper {
  /** Hands a message to ssh2. */
  pass(payload: Buffer): void;
  /** The client asks for the service that it has been given already. */
  acceptService(name: string): void;
  /** The client has not answered what it was asked. */
  wrongAnswers(): void;
  /** The client does not keep to the protocol; the connection has to end. Nothing passes any more. */
  violation(what: string): void;
}

/**
 * Stands before ssh2 until the client has logged in, and lets one request to log in after the other through, in
 * the order in which they came. ssh2 itself keeps requests that come too early without a bound for their names,
 * answers them backwards, loses count when a dialogue is broken off, and makes room for as many answers as a
 * client says it has.
 */
export class RequestGate {
  readonly #keeper: GateKeeper;
  readonly #waiting: Buffer[] = [];
  #state: 'idle' | 'deciding' | 'asking' | 'open' | 'closed' = 'idle';
  #prompts = 0;
  #messages = 0;
  #identity: Buffer | undefined;
  #draining = false;
  #hasService = false;

  constructor(keeper: GateKeeper) {
    this.#keeper = keeper;
  }

  /** Whether a request has passed that is not answered. */
  get busy(): boolean {
    return this.#state === 'deciding' || this.#state === 'asking';
  }

  /**
   * Looks at a message of the client.
   *
   * @returns what ssh2 is to have now, if anything
   */
  inspect(payload: Buffer): Buffer | undefined {
    if (this.#state === 'closed') return undefined;
    const type = payload[0] ?? 0;
    if (this.#state === 'open') return isAboutLoggingIn(type) ? undefined : payload;
    if (type < FIRST_OF_AUTHENTICATION && type !== SERVICE_REQUEST) return payload;
    this.#messages += 1;
    if (this.#messages > MAX_MESSAGES) {
      return this.#refused(`sends more than ${MAX_MESSAGES} messages without logging in`);
    }
    switch (type) {
      case SERVICE_REQUEST:
        return this.#service(payload);
      case USERAUTH_REQUEST:
        return this.#request(payload);
      case USERAUTH_INFO_RESPONSE:
        return this.#answers(payload);
      case GLOBAL_REQUEST:
        // A keep-alive of a client, which ssh2 answers.
        return payload;
      default:
        // RFC 4252, section 6: the server must disconnect. The rest are messages that only a server sends.
        return type > LAST_OF_AUTHENTICATION
          ? this.#refused(`sends a message of type ${type} before it has logged in`)
          : undefined;
    }
  }

  /** The client has been asked: that many answers may come, or another request. */
  asked(prompts: number): void {
    if (this.#state !== 'deciding') return;
    this.#state = 'asking';
    this.#prompts = prompts;
    this.#drain();
  }

  /** The request that has passed is answered. */
  answered(): void {
    if (!this.busy) return;
    this.#state = 'idle';
    this.#drain();
  }

  /** The client has logged in: what is not about logging in passes from now on. */
  open(): void {
    if (this.#state !== 'closed') this.#state = 'open';
    this.#waiting.length = 0;
  }

  /** Nothing passes any more. */
  close(): void {
    this.#state = 'closed';
    this.#waiting.length = 0;
  }

  #service(payload: Buffer): Buffer | undefined {
    const service = requestedService(payload);
    if (!this.#hasService || service !== AUTHENTICATION_SERVICE) {
      this.#hasService = true;
      return payload;
    }
    this.#keeper.acceptService(service);
    return undefined;
  }

  #request(payload: Buffer): Buffer | undefined {
    const head = requestHead(payload);
    if (head === undefined) return this.#refused('sends a damaged request to log in');
    if (head.service !== SERVICE) return this.#refused('asks for a service that is not here');
    if (this.#identity?.equals(head.identity) === false) {
      return this.#refused('has changed its user name');
    }
    this.#identity ??= Buffer.from(head.identity);
    const request = KNOWN_METHODS.includes(head.method)
      ? payload
      : asQuestionForMethods(payload, head);
    if (this.#state === 'deciding') {
      if (this.#waiting.length >= MAX_WAITING) {
        return this.#refused('sends requests to log in without waiting for an answer');
      }
      // The memory of a message is ssh2's.
      this.#waiting.push(Buffer.from(request));
      return undefined;
    }
    this.#state = 'deciding';
    return request;
  }

  #answers(payload: Buffer): Buffer | undefined {
    if (this.#state !== 'asking') return undefined;
    this.#state = 'deciding';
    if (answersFit(payload, this.#prompts)) return payload;
    this.#keeper.wrongAnswers();
    return undefined;
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#state === 'idle' || this.#state === 'asking') {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#state = 'deciding';
      this.#keeper.pass(next);
    }
    this.#draining = false;
  }

  #refused(what: string): Buffer | undefined {
    this.close();
    this.#keeper.violation(what);
    return undefined;
  }
}

function isAboutLoggingIn(type: number): boolean {
  return type >= FIRST_OF_AUTHENTICATION && type <= LAST_OF_AUTHENTICATION;
}
