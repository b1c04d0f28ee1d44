import ssh2, {
  type AuthContext,
  type AuthenticationType,
  type ParsedKey,
  type PublicKeyAuthContext,
} from 'ssh2';

import {
  Acceptance,
  type AuthenticationProgress,
  type AuthenticationResult,
  PartialSuccess,
  Refusal,
  type SftpAuthenticator,
  type SftpPublicKey,
} from '../auth/authenticator.js';
import { keyFingerprint } from '../auth/authorized-key.js';
import type { Log } from '../events/log.js';
import type { SessionAttributes, SftpPeer } from '../filesystem/session.js';

/** What the flow of one connection's authentication works with. */
export interface AuthenticationOptions {
  readonly authenticator: SftpAuthenticator;
  readonly peer: SftpPeer;
  /** Failed attempts after which the connection is ended. */
  readonly maxAttempts: number;
  /** Whether signatures of RSA keys over SHA-1 are taken. */
  readonly sha1Signatures: boolean;
  readonly log: Log;
  /** Told once, right before the client is told. */
  readonly onSuccess: (username: string, attributes: SessionAttributes) => void;
  /** Told when the client has used up its attempts. */
  readonly onExhausted: () => void;
}

/** Hashes of signatures that are taken of an RSA key. */
const RSA_HASHES: readonly (string | undefined)[] = ['sha256', 'sha512'];
/** Without a hash it is SHA-1. */
const RSA_HASHES_WITH_SHA1 = [...RSA_HASHES, undefined];

const NO_PROGRESS: AuthenticationProgress = { succeeded: [], attributes: {} };

/** Answers one connection's authentication requests (RFC 4252). */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #methods: AuthenticationType[];
  #failures = 0;
  #decided = false;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    const { authenticator } = options;
    this.#methods = [
      ...(authenticator.authorizePublicKey ? (['publickey'] as const) : []),
      ...(authenticator.authenticatePassword ? (['password'] as const) : []),
    ];
  }

  /** Answers one request; never rejects. */
  async handle(context: AuthContext): Promise<void> {
    if (this.#decided) return;
    try {
      switch (context.method) {
        case 'password':
          await this.#decide(context, () => this.#password(context.username, context.password));
          break;
        case 'publickey':
          await this.#publicKey(context);
          break;
        case 'none':
          // How a client asks for the methods: no attempt.
          context.reject(this.#methods);
          break;
        default:
          this.#refuse(context);
      }
    } catch (error) {
      this.#options.log.error('Authentication failed', stackOf(error));
      this.#refuse(context);
    }
  }

  #password(username: string, password: string): AuthenticationOutcome {
    const { authenticator, peer } = this.#options;
    return authenticator.authenticatePassword?.(username, password, peer, NO_PROGRESS);
  }

  async #publicKey(context: PublicKeyAuthContext): Promise<void> {
    const { authenticator, peer, log, sha1Signatures } = this.#options;
    const key = parsePublicKey(context, sha1Signatures ? RSA_HASHES_WITH_SHA1 : RSA_HASHES);
    if (!authenticator.authorizePublicKey || key === undefined) {
      log.debug(`A ${context.key.algo} key cannot be used here`);
      this.#refuse(context);
      return;
    }
    if (context.signature === undefined && context.blob === undefined) {
      // A query, not a log-in: the application sees a key only once its holder has proved to be one.
      context.accept();
      return;
    }
    if (!isSignedBy(key, context)) {
      log.warn(`The signature of a ${context.key.algo} key is not valid`);
      this.#refuse(context);
      return;
    }
    const data = Buffer.from(context.key.data);
    const publicKey: SftpPublicKey = { type: key.type, data, fingerprint: keyFingerprint(data) };
    await this.#decide(
      context,
      () => authenticator.authorizePublicKey?.(context.username, publicKey, peer, NO_PROGRESS),
      ` with key ${publicKey.fingerprint}`,
    );
  }

  async #decide(
    context: AuthContext,
    ask: () => AuthenticationOutcome,
    detail = '',
  ): Promise<void> {
    const result = await ask();
    const attributes = attributesOf(result);
    if (this.#decided) return;
    if (attributes === undefined) {
      this.#refuse(context, detail);
      return;
    }
    this.#decided = true;
    const { log, onSuccess } = this.#options;
    log.log(`${quote(context.username)} logged in by ${context.method}${detail}`);
    onSuccess(context.username, attributes);
    context.accept();
  }

  #refuse(context: AuthContext, detail = ''): void {
    if (this.#decided) return;
    const { log, maxAttempts, onExhausted } = this.#options;
    log.warn(`${quote(context.username)} was refused by ${context.method}${detail}`);
    context.reject(this.#methods);
    if (++this.#failures >= maxAttempts) {
      this.#decided = true;
      log.warn(`Disconnected after ${this.#failures} failed attempts to log in`);
      onExhausted();
    }
  }
}

type AuthenticationOutcome =
  | ReturnType<NonNullable<SftpAuthenticator['authenticatePassword' | 'authorizePublicKey']>>
  | undefined;

function attributesOf(result: AuthenticationResult): SessionAttributes | undefined {
  if (result === true) return {};
  if (result instanceof Acceptance) return result.attributes;
  if (result instanceof Refusal || result instanceof PartialSuccess) return undefined;
  return typeof result === 'object' && result !== null ? result : undefined;
}

/** @param rsaHashes in a query the algorithm's name tells the hash; ssh2 gives it apart */
function parsePublicKey(
  context: PublicKeyAuthContext,
  rsaHashes: readonly (string | undefined)[],
): ParsedKey | undefined {
  const parsed: ParsedKey | Error = ssh2.utils.parseKey(context.key.data);
  // ssh2 gives an array for formats that can hold several keys.
  const key: ParsedKey | Error | undefined = Array.isArray(parsed)
    ? (parsed as ParsedKey[])[0]
    : parsed;
  if (key === undefined || key instanceof Error || key.type !== context.key.algo) return undefined;
  if (key.type === 'ssh-rsa' && !rsaHashes.includes(context.hashAlgo)) return undefined;
  return key;
}

/** `verify()` may return an Error, which is truthy: only `true` is a yes. */
function isSignedBy(key: ParsedKey, context: PublicKeyAuthContext): boolean {
  const { blob, signature, hashAlgo } = context;
  if (blob === undefined || signature === undefined) return false;
  return (key.verify(blob, signature, hashAlgo) as unknown) === true;
}

function quote(username: string): string {
  return JSON.stringify(username.slice(0, 256));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
