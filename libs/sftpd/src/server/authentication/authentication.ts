import type { AuthContext, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';

import type {
  AuthenticationMethod,
  AuthenticationResult,
  SftpPublicKey,
} from '../../auth/authenticator.js';
import { fingerprint } from '../../auth/keys/fingerprint.js';
import { TooManyHashesError } from '../../auth/passwords/hash-limit.js';
import { messageWithCauses } from '../../events/message-with-causes.js';
import { quoted } from '../../events/printable.js';
import type { RefusalReason } from '../../events/connection-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { isPromiseLike } from '../../session/time-limit.js';
import { acceptService, interceptMessages } from '../ssh2-internals.js';
import type { AuthenticationOptions, Login } from './authentication-options.js';
import { traceAuthentication } from './authentication-trace.js';
import { Dialogue } from './dialogue.js';
import { availableMethods, firstMethods, LoginProgress } from './login-progress.js';
import { isQuery, isSignedBy, offeredKey } from './offered-key.js';
import { RequestGate } from './request-gate.js';
import { isUserName } from './user-name.js';
import { type Verdict, verdictOf } from './verdict.js';

/** One request that is being decided. */
interface Attempt {
  readonly context: AuthContext;
  /** What the log says about it, e.g. the key's fingerprint. */
  readonly detail: string;
  readonly dialogue?: Dialogue;
  trace?: ReturnType<typeof traceAuthentication>;
}

type Ask = () => MaybePromise<AuthenticationResult>;

/** Decides about the authentication requests of one connection (RFC 4252), one after the other. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #gate: RequestGate | undefined;
  readonly #progress: LoginProgress;
  #failures = 0;
  #current: Attempt | undefined;
  #over = false;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    const { authenticator, client, log } = options;
    this.#gate = this.#guard();
    if (this.#gate === undefined && authenticator.keyboardInteractive !== undefined) {
      log.warn('keyboard-interactive is not offered: this version of ssh2 cannot be guarded');
    }
    this.#progress = new LoginProgress(
      availableMethods(authenticator, this.#gate !== undefined),
      firstMethods(authenticator),
    );
    client.on('authentication', (context) => void this.#handle(context));
  }

  /** The connection is gone, or about to go: what is under way is given up, and nobody logs in any more. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#gate?.close();
    this.#current?.dialogue?.fail(new Error('The client is gone'));
    this.#current?.trace?.ended('abandoned');
    this.#current = undefined;
  }

  #guard(): RequestGate | undefined {
    const { client, log } = this.#options;
    const gate = new RequestGate({
      pass: (payload) => pass?.(payload),
      acceptService: (name) => {
        acceptService(client, name);
      },
      wrongAnswers: () => {
        this.#current?.dialogue?.fail(
          new Error('The client has not given one answer of an allowed length to each prompt'),
        );
      },
      violation: (what) => {
        log.warn(`Disconnected: the client ${what}`);
        this.#end('protocol');
      },
    });
    const pass = interceptMessages(client, (payload) => gate.inspect(payload));
    return pass && gate;
  }

  /** Answers one request; never rejects. */
  async #handle(context: AuthContext): Promise<void> {
    if (this.#over) return;
    try {
      this.#supersede();
      if (!this.#isOver()) await this.#begin(context);
    } catch (error) {
      this.#options.log.error('A request to log in could not be answered', stackOf(error));
      this.#end();
    }
  }

  /** A dialogue that is open ends with the next request, and gets no answer (RFC 4252, section 5.1). */
  #supersede(): void {
    const former = this.#current;
    this.#current = undefined;
    if (former?.dialogue === undefined) return;
    former.dialogue.fail(new Error('The client has begun another request'));
    this.#fail(former, ': the client has broken the dialogue off');
    this.#endIfExhausted();
  }

  async #begin(context: AuthContext): Promise<void> {
    const { method, username, service } = context;
    this.#progress.requestedFor(username, service);
    const attempt: Attempt = { context, detail: '' };
    if (method === 'none') {
      // How a client asks for the methods: no attempt.
      this.#start(attempt);
      this.#reject(attempt);
    } else if (!isUserName(username)) {
      this.#start(attempt);
      this.#refuse(attempt, 'this is no user name');
    } else if (!this.#progress.allows(method)) {
      this.#start(attempt);
      if (method === 'publickey' && isQuery(context)) this.#reject(attempt);
      else this.#refuse(attempt, 'the method is not allowed now');
    } else {
      await this.#ask(context);
    }
  }

  async #ask(context: AuthContext): Promise<void> {
    const { authenticator, peer } = this.#options;
    const { username } = context;
    const { progress } = this.#progress;
    switch (context.method) {
      case 'password': {
        const { password } = context;
        const attempt = this.#start({ context, detail: '' });
        // For a request to change it ssh2 gives an object.
        if (typeof password !== 'string') this.#refuse(attempt, 'a password cannot be changed');
        else {
          await this.#decide(attempt, () =>
            authenticator.authenticatePassword?.(username, password, peer, progress),
          );
        }
        break;
      }
      case 'publickey':
        await this.#publicKey(context);
        break;
      case 'keyboard-interactive':
        await this.#keyboardInteractive(context);
        break;
      default:
        this.#refuse(this.#start({ context, detail: '' }), 'there is no such method');
    }
  }

  async #publicKey(context: PublicKeyAuthContext): Promise<void> {
    const { authenticator, peer, log, sha1Signatures } = this.#options;
    const { username } = context;
    const { progress } = this.#progress;
    const key = offeredKey(context, sha1Signatures);
    if (key === undefined) {
      // Certificates come here. Whoever offers one guesses at nothing: it costs no attempt.
      log.debug(`A key of the kind ${quoted(context.key.algo)} cannot be used here`);
      this.#reject(this.#start({ context, detail: '' }));
      return;
    }
    if (isQuery(context)) {
      // No log-in: the application sees a key only once its holder has proved to be one.
      const attempt = this.#start({ context, detail: '' });
      this.#answer(attempt, () => {
        context.accept();
      });
      return;
    }
    const data = Buffer.from(context.key.data);
    const publicKey: SftpPublicKey = { type: key.type, data, fingerprint: fingerprint(data) };
    const attempt = this.#start({ context, detail: ` with key ${publicKey.fingerprint}` });
    if (!isSignedBy(key, context)) {
      this.#refuse(attempt, 'the signature is not valid');
      return;
    }
    await this.#decide(attempt, () =>
      authenticator.authorizePublicKey?.(username, publicKey, peer, progress),
    );
  }

  async #keyboardInteractive(context: KeyboardAuthContext): Promise<void> {
    const { authenticator, peer } = this.#options;
    const { progress } = this.#progress;
    const dialogue = new Dialogue(({ name, instruction, prompts }) => {
      const take = (answers: unknown): void => {
        if (Array.isArray(answers)) dialogue.answer(answers as string[]);
      };
      context.prompt(prompts, name, instruction, take);
      this.#gate?.asked(prompts.length);
    });
    const attempt = this.#start({ context, detail: '', dialogue });
    await this.#decide(attempt, () =>
      Promise.race([
        dialogue.failed,
        Promise.resolve(
          authenticator.keyboardInteractive?.(context.username, dialogue, peer, progress),
        ),
      ]),
    );
  }

  async #decide(attempt: Attempt, ask: Ask): Promise<void> {
    const verdict = await this.#verdict(attempt, ask);
    if (this.#current !== attempt) return;
    switch (verdict.kind) {
      case 'accepted':
        await this.#admit(attempt, verdict);
        break;
      case 'partial':
        this.#goOn(attempt, verdict);
        break;
      case 'refused':
        this.#refuse(attempt, verdict.reason && quoted(verdict.reason), verdict.disconnect);
        break;
      case 'invalid':
        this.#blame(attempt, verdict.problem, verdict.error);
    }
  }

  async #verdict(attempt: Attempt, ask: Ask): Promise<Verdict> {
    const { dialogue } = attempt;
    const refused = { kind: 'refused', disconnect: false } as const;
    try {
      const verdict = verdictOf(await ask());
      // Whoever catches what `ask()` throws must not let the client in for that.
      if (dialogue?.failure === undefined) return verdict;
    } catch (error) {
      if (error !== dialogue?.failure || isMistake(error)) {
        return { kind: 'invalid', problem: 'has failed', error };
      }
    }
    return { ...refused, reason: dialogue?.failure?.message };
  }

  async #admit(attempt: Attempt, verdict: Verdict & { kind: 'accepted' }): Promise<void> {
    const { log, admit } = this.#options;
    const { username } = attempt.context;
    const attributes = this.#progress.merged(verdict.attributes);
    const login = { username, attributes, limits: verdict.limits };
    const outcome = admit(login);
    const refusal = isPromiseLike(outcome) ? await outcome : outcome;
    // Meanwhile the client may have gone, or begun another request.
    if (this.#current !== attempt) return;
    this.#current = undefined;
    attempt.trace?.ended(refusal === undefined ? 'accepted' : 'refused');
    if (refusal === undefined) {
      this.#accept(attempt, login);
      return;
    }
    log.warn(`Disconnected: ${refusal.reason ?? 'there is no place'}`);
    attempt.context.reject([...this.#progress.allowed]);
    this.#end();
  }

  #accept(attempt: Attempt, login: Login): void {
    const { log, onSuccess } = this.#options;
    const { username, method } = attempt.context;
    const { succeeded } = this.#progress.progress;
    onSuccess(login);
    this.#over = true;
    const methods = [...succeeded, method].join(', then ');
    log.log(`${quoted(username)} logged in by ${methods}${attempt.detail}`);
    this.#gate?.open();
    attempt.context.accept();
  }

  #goOn(attempt: Attempt, { methods, attributes }: Verdict & { kind: 'partial' }): void {
    const { context, detail } = attempt;
    const problem = this.#progress.advance(
      context.method as AuthenticationMethod,
      methods,
      attributes,
    );
    if (problem !== undefined) {
      this.#blame(attempt, problem);
      return;
    }
    const { allowed } = this.#progress;
    attempt.trace?.ended('partial');
    this.#options.log.log(
      `${quoted(context.username)} has passed ${context.method}${detail}; ${allowed.join(' or ')} comes next`,
    );
    this.#answer(attempt, () => {
      context.reject([...allowed], true);
    });
  }

  #refuse(attempt: Attempt, why?: string, disconnect = false): void {
    this.#fail(attempt, why && `: ${why}`);
    if (disconnect) {
      this.#options.log.warn('Disconnected: the authenticator asks for it');
      this.#end();
      return;
    }
    this.#turnAway(attempt);
  }

  #turnAway(attempt: Attempt): void {
    if (this.#isExhausted()) attempt.context.reject([...this.#progress.allowed]);
    if (!this.#endIfExhausted()) this.#reject(attempt);
  }

  #fail({ context, detail, trace }: Attempt, why = '', guess = true): void {
    trace?.ended('refused');
    const { log, onFailure, maxAttempts } = this.#options;
    const { username, method } = context;
    this.#failures += 1;
    log.warn(
      `${quoted(username)} was refused by ${method}${detail} (attempt ${this.#failures} of ${maxAttempts})${why}`,
    );
    onFailure({ username, method, failures: this.#failures, guess });
  }

  /** Says no, or which methods there are. */
  #reject(attempt: Attempt): void {
    this.#answer(attempt, () => {
      attempt.context.reject([...this.#progress.allowed]);
    });
  }

  #start(attempt: Attempt): Attempt {
    const { connectionId, peer } = this.#options;
    const { username, method } = attempt.context;
    attempt.trace = traceAuthentication({ connectionId, peer, username, method });
    this.#current = attempt;
    return attempt;
  }

  #answer(attempt: Attempt, reply: () => void): void {
    if (this.#current !== attempt) return;
    this.#current = undefined;
    attempt.dialogue?.fail(new Error('The dialogue is over'));
    attempt.trace?.ended('asked');
    reply();
    this.#gate?.answered();
  }

  #isExhausted(): boolean {
    return this.#failures >= this.#options.maxAttempts;
  }

  #endIfExhausted(): boolean {
    if (!this.#isExhausted()) return false;
    this.#options.log.warn(`Disconnected after ${this.#failures} failed attempts to log in`);
    this.#end('maxAuthAttempts');
    return true;
  }

  #end(reason?: RefusalReason): void {
    if (this.#over) return;
    this.close();
    this.#options.disconnect(reason);
  }

  #isOver(): boolean {
    return this.#over;
  }

  /** The authenticator has made a mistake: the client is refused, but has not guessed at anything. */
  #blame(attempt: Attempt, problem: string, error?: unknown): void {
    const { authenticator, log } = this.#options;
    if (error instanceof TooManyHashesError) {
      // Many clients at once, and no fault of the authenticator; nor has this one guessed wrong.
      this.#fail(attempt, `: ${error.message}`, false);
      this.#turnAway(attempt);
      return;
    }
    const message = error === undefined ? '' : `: ${messageWithCauses(error)}`;
    if (error instanceof Error) attempt.trace?.failed(error);
    log.error(
      `The authenticator ${authenticator.constructor.name} ${problem}${message}`,
      stackOf(error),
    );
    this.#fail(attempt, '', false);
    this.#turnAway(attempt);
  }
}

/** Whether an error of a dialogue is the application's: its questions were wrong. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? (error.stack ?? error.message) : undefined;
}
