import { type HashPackageName, type HashPackages, loadHashPackages } from './hash-packages.js';
import { costsOf, type PasswordHash, verifyPassword } from './password-hash.js';

/** Each check of a password pays for all of them. */
const MAX_DIFFERENT_COSTS = 8;

/** A user and the hash of its password. */
export interface UserHash {
  readonly username: string;
  readonly hash: PasswordHash;
}

/**
 * The password hashes of a set of users. A password that is refused costs one computation of each kind and cost that
 * any of the users has, whoever it was for: time tells neither who exists nor who has which kind of hash.
 */
export class PasswordHashes {
  /** One hash for each of the costs, which is computed for all whose own hash has others. */
  readonly #decoys = new Map<string, PasswordHash>();
  readonly #needed = new Map<HashPackageName, string>();
  #packages: Promise<HashPackages> | undefined;

  /** @throws TypeError when the hashes have more than 8 different kinds and costs */
  constructor(hashes: readonly UserHash[]) {
    for (const { username, hash } of hashes) {
      const costs = costsOf(hash);
      if (!this.#decoys.has(costs)) this.#decoys.set(costs, hash);
      if (hash.kind !== 'scrypt' && !this.#needed.has(hash.kind)) {
        this.#needed.set(hash.kind, `the user ${JSON.stringify(username)}`);
      }
    }
    if (this.#decoys.size > MAX_DIFFERENT_COSTS) {
      throw new TypeError(
        `the hashes have ${this.#decoys.size} different kinds and costs, and each log-in would pay for all of them: ` +
          `keep at most ${MAX_DIFFERENT_COSTS}`,
      );
    }
  }

  /**
   * Loads the packages that the hashes need, once.
   *
   * @throws HashPackagesMissingError naming a user, the package and how to install it
   */
  load(): Promise<HashPackages> {
    this.#packages ??= loadHashPackages(this.#needed);
    return this.#packages;
  }

  /**
   * Whether `password` is the one of which `own` was made; without one, it never is.
   *
   * @param own one of the hashes that were given to the constructor
   */
  async verify(password: string, own: PasswordHash | undefined): Promise<boolean> {
    const packages = await this.load();
    if (own !== undefined && (await verifyPassword(password, own, packages))) return true;
    const paid = own && costsOf(own);
    for (const [costs, decoy] of this.#decoys) {
      if (costs !== paid) await verifyPassword(password, decoy, packages);
    }
    return false;
  }
}
