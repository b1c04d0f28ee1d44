import { createHash, timingSafeEqual } from 'node:crypto';

import type { SessionAttributes, SftpPeer } from '../filesystem/session.js';
import {
  type AuthenticationResult,
  Refusal,
  type SftpAuthenticator,
  type SftpPublicKey,
} from './authenticator.js';
import { decodeAuthorizedKey } from './keys/authorized-key.js';
import { AuthorizedKeys } from './keys/authorized-keys.js';
import { HashLimit, type HashLimitOptions } from './passwords/hash-limit.js';
import type { PasswordHash } from './passwords/password-hash.js';
import { parsePasswordHash } from './passwords/password-hash.js';
import { PasswordHashes } from './passwords/password-hashes.js';

/** A user that is written down in the options. */
export interface PasswordUser {
  /** The name to log in with. */
  readonly username: string;
  /** In plain text: for development. */
  readonly password?: string;
  /** A hash by scrypt (what `hashPassword()` made), bcrypt or argon2; instead of `password`. */
  readonly passwordHash?: string;
  /** Lines of an `authorized_keys` file. */
  readonly authorizedKeys?: readonly string[];
  /** What the user's sessions carry. @default {} */
  readonly attributes?: SessionAttributes;
}

interface Account {
  readonly attributes: SessionAttributes;
  readonly keys: AuthorizedKeys;
  readonly passwordDigest: Buffer | undefined;
  readonly passwordHash: PasswordHash | undefined;
}

/**
 * Authenticates users from a fixed list, by password or by public key.
 *
 * Hashes by bcrypt and argon2 need the package of that name. It is loaded by {@link StaticUsers.create}, or when
 * Nest starts the module of which the instance is a provider, or else by the first log-in.
 */
export class StaticUsers implements SftpAuthenticator {
  readonly #accounts = new Map<string, Account>();
  readonly #hashes: PasswordHashes;
  readonly #limit: HashLimit;

  /**
   * @param users each of whom has another name
   * @param limits what the checking of passwords may take
   * @throws TypeError that names the user and what is wrong with it, or tells that the hashes are of more than 8
   * kinds and costs
   */
  constructor(users: readonly PasswordUser[], limits: HashLimitOptions = {}) {
    for (const user of users) {
      if (typeof user.username !== 'string' || user.username === '') {
        throw new TypeError('every user needs a username that is not empty');
      }
      if (this.#accounts.has(user.username)) {
        throw new TypeError(`the user ${JSON.stringify(user.username)} is there twice`);
      }
      this.#accounts.set(user.username, toAccount(user));
    }
    this.#hashes = new PasswordHashes(
      [...this.#accounts].flatMap(([username, { passwordHash }]) =>
        passwordHash ? [{ username, hash: passwordHash }] : [],
      ),
    );
    this.#limit = new HashLimit(limits);
  }

  /**
   * Makes an instance that has loaded what its hashes need.
   *
   * @throws TypeError as the constructor
   * @throws HashPackagesMissingError naming the package that a user's hash needs, and how to install it
   */
  static async create(
    users: readonly PasswordUser[],
    limits: HashLimitOptions = {},
  ): Promise<StaticUsers> {
    const made = new StaticUsers(users, limits);
    await made.onModuleInit();
    return made;
  }

  /**
   * Loads what the hashes need; Nest calls it at the start.
   *
   * @throws HashPackagesMissingError naming the package that a user's hash needs, and how to install it
   */
  async onModuleInit(): Promise<void> {
    await this.#hashes.load();
  }

  /**
   * Checks a password. A refusal takes as much work for a user who does not exist, or has no hash, as for any other.
   *
   * @returns the user's attributes, or `false`
   * @throws TooManyHashesError when more passwords are waiting than may
   */
  async authenticatePassword(
    username: string,
    password: string,
  ): Promise<SessionAttributes | false> {
    const account = this.#accounts.get(username);
    const digestMatches = timingSafeEqual(
      digest(password),
      account?.passwordDigest ?? digest(`${password}.`),
    );
    if (account?.passwordDigest !== undefined && digestMatches) return account.attributes;
    const hashMatches = await this.#limit.run(() =>
      this.#hashes.verify(password, account?.passwordHash),
    );
    return account !== undefined && hashMatches && account.attributes;
  }

  /** Says whether a key is one of the user's, and its options let it be used now and from where the client is. */
  authorizePublicKey(
    username: string,
    key: SftpPublicKey,
    peer: Pick<SftpPeer, 'address'>,
  ): AuthenticationResult {
    const account = this.#accounts.get(username);
    const { allowed, reason } = account?.keys.allows(key, peer) ?? { allowed: false };
    if (account !== undefined && allowed) return account.attributes;
    return reason === undefined ? false : new Refusal(reason);
  }
}

function toAccount(user: PasswordUser): Account {
  const who = `the user ${JSON.stringify(user.username)}`;
  const { password, passwordHash, authorizedKeys = [], attributes = {} } = user;
  if (password === '') throw new TypeError(`${who} has an empty password`);
  if (password !== undefined && passwordHash !== undefined) {
    throw new TypeError(`${who} has both password and passwordHash; keep one`);
  }
  const keys = authorizedKeys.flatMap((line, index) =>
    explain(`${who}, authorizedKeys[${index}]`, () => decodeAuthorizedKey(line) ?? []),
  );
  if (password === undefined && passwordHash === undefined && keys.length === 0) {
    throw new TypeError(`${who} has neither password, passwordHash nor authorizedKeys`);
  }
  return {
    attributes,
    keys: new AuthorizedKeys(keys),
    passwordDigest: password === undefined ? undefined : digest(password),
    passwordHash:
      passwordHash === undefined ? undefined : explain(who, () => parsePasswordHash(passwordHash)),
  };
}

function explain<T>(who: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new TypeError(`${who}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Digests have one length, so that comparing them tells nothing of the passwords' lengths. */
function digest(password: string): Buffer {
  return createHash('sha256').update(password.normalize('NFKC')).digest();
}
