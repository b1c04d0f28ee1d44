import { normalizePath, parentPath, type SftpPath } from '../path.js';
import { SftpError } from '../sftp-error.js';
import { type Mount, type Place, placeIn } from './mount.js';
import { PathMap } from './path-map.js';

/**
 * Which mount serves which path.
 *
 * A path at which a mount stands, or below which one does, is *fixed*: it is a directory, whatever a backend has
 * under that name, and stays where it is.
 */
export class MountTable {
  readonly #mounts = new PathMap<Mount>();

  /** @throws TypeError naming the path of a mount that is not canonical or taken */
  constructor(mounts: readonly Mount[]) {
    if (mounts.length === 0) throw new TypeError('A tree needs at least one mount');
    for (const mount of mounts) {
      assertCanonical('The path of a mount', mount.path);
      if (mount.root !== undefined) {
        assertCanonical(`The root of the mount at ${mount.path}`, mount.root);
      }
      if (this.#mounts.get(mount.path) !== undefined) {
        throw new TypeError(`There are two mounts at ${mount.path}`);
      }
      this.#mounts.set(mount.path, mount);
    }
  }

  /** Where a path lies, when a mount stands at or above it. */
  find(path: SftpPath): Place | undefined {
    const mount = this.#mounts.nearest(path);
    return mount && placeIn(mount, path);
  }

  /**
   * Where something is looked for.
   *
   * @throws SftpError `ENOENT` when no mount stands at or above the path
   */
  place(path: SftpPath): Place {
    const place = this.find(path);
    if (place === undefined) throw new SftpError('ENOENT');
    return place;
  }

  /**
   * Where something is to be made.
   *
   * @throws SftpError `EROFS` in a directory that is there for its mount points alone, else `ENOENT` when no mount
   * stands at or above the path
   */
  placeToMake(path: SftpPath): Place {
    const place = this.find(path);
    if (place !== undefined) return place;
    throw new SftpError(this.leadsOn(parentPath(path)) ? 'EROFS' : 'ENOENT');
  }

  isMountPoint(path: SftpPath): boolean {
    return this.#mounts.get(path) !== undefined;
  }

  /** Whether a mount stands below a path. */
  leadsOn(path: SftpPath): boolean {
    return this.#mounts.leadsOn(path);
  }

  isFixed(path: SftpPath): boolean {
    return this.isMountPoint(path) || this.leadsOn(path);
  }

  /** The names in a directory that are fixed. */
  fixedNames(directory: SftpPath): ReadonlySet<string> {
    return this.#mounts.namesIn(directory);
  }
}

function assertCanonical(what: string, path: string): void {
  if (!isCanonical(path)) {
    throw new TypeError(`${what} is ${JSON.stringify(path)}, and no canonical path like "/inbox"`);
  }
}

function isCanonical(path: unknown): boolean {
  if (typeof path !== 'string') return false;
  try {
    return normalizePath(path) === path;
  } catch {
    return false;
  }
}
