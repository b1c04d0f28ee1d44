import { createHash, timingSafeEqual } from 'node:crypto';

import type { SessionAttributes } from '../filesystem/session.js';
import type { AuthenticationResult, SftpAuthenticator, SftpPublicKey } from './authenticator.js';
import { type AuthorizedKey, parseAuthorizedKey } from './authorized-key.js';
import { parsePasswordHash, type PasswordHash, verifyPassword } from './password-hash.js';

/** A user that is written down in the options. */
export interface PasswordUser {
  readonly username: string;
  /** In plain text: for development. */
  readonly password?: string;
  /** What `hashPassword()` made; instead of `password`. */
  readonly passwordHash?: string;
  /** Lines of an `authorized_keys` file. */
  readonly authorizedKeys?: readonly string[];
  /** What the user's sessions carry. @default {} */
  readonly attributes?: SessionAttributes;
}

interface Account {
  readonly attributes: SessionAttributes;
  readonly keys: readonly AuthorizedKey[];
  readonly passwordDigest: Buffer | undefined;
  readonly passwordHash: PasswordHash | undefined;
}

/** Authenticates users from a fixed list, by password or by public key. */
export class StaticUsers implements SftpAuthenticator {
  readonly #accounts = new Map<string, Account>();
  readonly #decoyHash: PasswordHash | undefined;

  /** @throws TypeError that names the user and what is wrong with it */
  constructor(users: readonly PasswordUser[]) {
    for (const user of users) {
      if (typeof user.username !== 'string' || user.username === '') {
        throw new TypeError('every user needs a username that is not empty');
      }
      if (this.#accounts.has(user.username)) {
        throw new TypeError(`the user ${JSON.stringify(user.username)} is there twice`);
      }
      this.#accounts.set(user.username, toAccount(user));
    }
    this.#decoyHash = [...this.#accounts.values()].find((a) => a.passwordHash)?.passwordHash;
  }

  async authenticatePassword(username: string, password: string): Promise<AuthenticationResult> {
    const account = this.#accounts.get(username);
    // A user who does not exist, or has no hash, costs what the dearest kind of user costs.
    const hash = account?.passwordHash ?? this.#decoyHash;
    const hashMatches = hash ? await verifyPassword(password, hash) : false;
    const digestMatches = timingSafeEqual(
      digest(password),
      account?.passwordDigest ?? digest(`${password}.`),
    );
    if (account === undefined) return false;
    const accepted =
      (account.passwordHash !== undefined && hashMatches) ||
      (account.passwordDigest !== undefined && digestMatches);
    return accepted && account.attributes;
  }

  authorizePublicKey(username: string, key: SftpPublicKey): AuthenticationResult {
    const account = this.#accounts.get(username);
    return account?.keys.some((known) => known.data.equals(key.data)) === true
      ? account.attributes
      : false;
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
    explain(`${who}, authorizedKeys[${index}]`, () => parseAuthorizedKey(line) ?? []),
  );
  if (password === undefined && passwordHash === undefined && keys.length === 0) {
    throw new TypeError(`${who} has neither password, passwordHash nor authorizedKeys`);
  }
  return {
    attributes,
    keys,
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
