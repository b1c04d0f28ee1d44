import { argon2Costs, type Argon2Hash, parseArgon2Hash, verifyArgon2 } from './argon2.js';
import { type BcryptHash, parseBcryptHash, verifyBcrypt } from './bcrypt.js';
import type { HashPackages } from './hash-packages.js';
import { parseScryptHash, scryptCosts, type ScryptHash, verifyScrypt } from './scrypt.js';

/** A password hash, read and found good. */
export type PasswordHash = ScryptHash | BcryptHash | Argon2Hash;

/**
 * Reads a password hash by scrypt (as `hashPassword` makes it), bcrypt or argon2.
 *
 * @throws Error when it is none, or would cost more memory or time than a log-in may; the message never repeats it
 */
export function parsePasswordHash(text: string): PasswordHash {
  if (text.startsWith('$scrypt$')) return parseScryptHash(text);
  if (text.startsWith('$2')) return parseBcryptHash(text);
  if (text.startsWith('$argon2')) return parseArgon2Hash(text);
  throw new Error(
    'passwordHash must look like $scrypt$ln=15,r=8,p=1$salt$hash, $2b$12$... (bcrypt) or ' +
      '$argon2id$v=19$m=65536,t=3,p=4$salt$hash',
  );
}

/** What decides how much time and memory a hash takes: those of equal costs cannot be told apart by them. */
export function costsOf(hash: PasswordHash): string {
  switch (hash.kind) {
    case 'scrypt':
      return `scrypt ${scryptCosts(hash)}`;
    case 'bcrypt':
      return `bcrypt ${hash.cost}`;
    case 'argon2':
      return argon2Costs(hash);
  }
}

/**
 * Whether `password` is the one that was hashed.
 *
 * @param packages among which is the one that the hash needs
 */
export async function verifyPassword(
  password: string,
  hash: PasswordHash,
  packages: HashPackages,
): Promise<boolean> {
  switch (hash.kind) {
    case 'scrypt':
      return verifyScrypt(password, hash);
    case 'bcrypt':
      return verifyBcrypt(password, hash, loaded(packages.bcrypt, 'bcrypt'));
    case 'argon2':
      return verifyArgon2(password, hash, loaded(packages.argon2, 'argon2'));
  }
}

function loaded<T>(module: T | undefined, name: string): T {
  if (module === undefined) throw new Error(`The package ${name} has not been loaded`);
  return module;
}
