import { RecentMap } from './recent-map.js';

const MAX_DIRECTORIES = 10_000;
const LIFETIME = 30_000;

/**
 * Directories that were seen a short while ago. Every upload asks whether its directory exists, and one answer serves
 * them all: what is outdated does no harm, as objects make their directories.
 */
export class KnownDirectories {
  readonly #lifetime: number;
  readonly #now: () => number;
  readonly #seen: RecentMap<number>;

  /**
   * @param limit directories that are kept
   * @default limit 10000
   * @param lifetime milliseconds for which a directory is known
   * @default lifetime 30000
   * @param now the time in milliseconds
   */
  constructor(limit = MAX_DIRECTORIES, lifetime = LIFETIME, now: () => number = Date.now) {
    this.#lifetime = lifetime;
    this.#now = now;
    this.#seen = new RecentMap(limit);
  }

  /** Whether the directory of a prefix was there a short while ago. */
  has(prefix: string): boolean {
    const seen = this.#seen.get(prefix);
    if (seen === undefined) return false;
    const age = this.#now() - seen;
    // A clock that was set back must not keep a directory alive.
    if (age >= 0 && age < this.#lifetime) return true;
    this.#seen.delete(prefix);
    return false;
  }

  /** The directory of a prefix is there. */
  remember(prefix: string): void {
    this.#seen.set(prefix, this.#now());
  }

  /** The directory of a prefix is gone, with all that was below it. */
  forget(prefix: string): void {
    this.#seen.deleteBelow(prefix);
  }
}
