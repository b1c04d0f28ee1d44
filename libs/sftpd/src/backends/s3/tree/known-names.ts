import { RecentMap } from './recent-map.js';

const MAX_DIRECTORIES = 32;
const MAX_NAMES = 5000;
const LIFETIME = 10_000;

interface Snapshot {
  readonly at: number;
  /** `undefined` when there were too many, or they have yet to come. */
  readonly names: Set<string> | undefined;
}

/**
 * The names in directories into which one upload follows the other, as they were a short while ago. They spare each
 * upload the look whether its name is free. That a name has been taken since does no harm: the upload replaces the
 * file, as it would have, and at worst a file and a directory bear one name, which S3 allows.
 */
export class KnownNames {
  readonly #lifetime: number;
  readonly #now: () => number;
  readonly #snapshots: RecentMap<Snapshot>;
  /** When the last upload into a directory began. */
  readonly #uploads: RecentMap<number>;

  /**
   * @param limit directories that are kept
   * @default limit 32
   * @param lifetime milliseconds for which names are known
   * @default lifetime 10000
   * @param now the time in milliseconds
   */
  constructor(
    limit = MAX_DIRECTORIES,
    lifetime = LIFETIME,
    now: () => number = () => performance.now(),
  ) {
    this.#lifetime = lifetime;
    this.#now = now;
    this.#snapshots = new RecentMap(limit);
    this.#uploads = new RecentMap(limit);
  }

  /** Whether there was nothing of this name in the directory of a prefix; `false` when that is not known. */
  isFree(prefix: string, name: string): boolean {
    return this.#snapshot(prefix)?.names?.has(name) === false;
  }

  /**
   * An upload into the directory of a prefix begins.
   *
   * @returns whether its names should be listed: another one has begun a short while ago, and they are not known.
   * Who is told so lists them; the others that come meanwhile are not.
   */
  noteUpload(prefix: string): boolean {
    const last = this.#uploads.get(prefix);
    this.#uploads.set(prefix, this.#now());
    if (last === undefined || this.#isOver(last)) return false;
    if (this.#snapshot(prefix) !== undefined) return false;
    this.remember(prefix, undefined);
    return true;
  }

  /** The directory of a prefix has these names now, or more than anybody would want to keep. */
  remember(prefix: string, names: Iterable<string> | undefined): void {
    this.#snapshots.set(prefix, { at: this.#now(), names: names && new Set(names) });
  }

  /** Something has been written under a key: its name is taken in its directory, and theirs in those above. */
  take(key: string): void {
    for (
      let start = 0, slash = key.indexOf('/');
      start < key.length;
      slash = key.indexOf('/', start)
    ) {
      const end = slash < 0 ? key.length : slash;
      this.#add(key.slice(0, start), key.slice(start, end));
      start = end + 1;
    }
  }

  /** The directory of a prefix is gone, with all that was below it. */
  forget(prefix: string): void {
    this.#snapshots.deleteBelow(prefix);
  }

  #add(prefix: string, name: string): void {
    const names = this.#snapshots.get(prefix)?.names;
    names?.add(name);
    if (names !== undefined && names.size > MAX_NAMES) this.remember(prefix, undefined);
  }

  #snapshot(prefix: string): Snapshot | undefined {
    const snapshot = this.#snapshots.get(prefix);
    if (snapshot === undefined || !this.#isOver(snapshot.at)) return snapshot;
    this.#snapshots.delete(prefix);
    return undefined;
  }

  #isOver(at: number): boolean {
    return this.#now() - at >= this.#lifetime;
  }
}
