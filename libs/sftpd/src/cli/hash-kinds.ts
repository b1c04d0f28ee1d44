import { type HashPackageName, loadHashPackages } from '../auth/passwords/hash-packages.js';
import { HashPackagesMissingError } from '../auth/passwords/hash-packages-missing.error.js';
import { hashPassword } from '../auth/passwords/scrypt.js';
import { CliError } from './errors.js';

/** The kinds of hashes that can be made. */
export type HashKind = 'scrypt' | HashPackageName;

/** About a quarter of a second on a present-day core. */
const BCRYPT_COST = 12;
const MAX_BCRYPT_BYTES = 72;

/**
 * Hashes a password so that `auth.passwords[].passwordHash` takes it.
 *
 * @throws CliError `packages` when the package of the kind is not installed; `credentials` for a password that bcrypt
 * would not look at as a whole
 */
export async function makeHash(kind: HashKind, password: string): Promise<string> {
  switch (kind) {
    case 'scrypt':
      return hashPassword(password);
    case 'bcrypt':
      if (Buffer.byteLength(password) > MAX_BCRYPT_BYTES || password.includes('\0')) {
        throw new CliError(
          'credentials',
          `--bcrypt: bcrypt looks at ${MAX_BCRYPT_BYTES} bytes of a password at most, and not at all of this one; ` +
            'leave --bcrypt out',
        );
      }
      await assertInstalled(kind);
      return (await import('bcrypt')).default.hash(password, BCRYPT_COST);
    case 'argon2':
      await assertInstalled(kind);
      return (await import('argon2')).default.hash(password);
  }
}

async function assertInstalled(name: HashPackageName): Promise<void> {
  try {
    await loadHashPackages(new Map([[name, `the option --${name}`]]));
  } catch (error) {
    if (!(error instanceof HashPackagesMissingError)) throw error;
    throw new CliError('packages', error.message, { cause: error });
  }
}
