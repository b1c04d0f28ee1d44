import { baseName, isRootPath, parentPath, type SftpPath } from '../path.js';

const NO_NAMES: ReadonlySet<string> = new Set();

/** Values that stand at paths of a tree, and hold for all that is below them up to the next value. */
export class PathMap<T> {
  readonly #values = new Map<SftpPath, T>();
  readonly #names = new Map<SftpPath, Set<string>>();

  /** Puts a value at a path; one that stands there already is replaced. */
  set(path: SftpPath, value: T): void {
    this.#values.set(path, value);
    for (let here = path; !isRootPath(here); here = parentPath(here)) {
      const parent = parentPath(here);
      const names = this.#names.get(parent) ?? new Set();
      this.#names.set(parent, names.add(baseName(here)));
    }
  }

  /** The value that stands exactly at a path. */
  get(path: SftpPath): T | undefined {
    return this.#values.get(path);
  }

  /** The value of the nearest path at or above `path`. */
  nearest(path: SftpPath): T | undefined {
    for (let here = path; ; here = parentPath(here)) {
      const value = this.#values.get(here);
      if (value !== undefined || isRootPath(here)) return value;
    }
  }

  /** The names in a directory that lead to values: at the entry itself or further down. */
  namesIn(directory: SftpPath): ReadonlySet<string> {
    return this.#names.get(directory) ?? NO_NAMES;
  }

  /** Whether a value stands below a path. */
  leadsOn(path: SftpPath): boolean {
    return this.#names.has(path);
  }

  values(): IterableIterator<T> {
    return this.#values.values();
  }
}
