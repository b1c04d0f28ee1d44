import { normalizePath, type SftpPath } from '../path.js';
import { SftpError } from '../sftp-error.js';
import { PathMap } from './path-map.js';
import { type Permission, type PermissionRules, PERMISSIONS } from './permissions.js';

type Held = ReadonlySet<Permission>;

const NONE: Held = new Set();
const CHANGES: readonly Permission[] = ['write', 'create', 'overwrite', 'delete', 'rename'];

/** Permission rules, checked and ready to be asked. */
export class Rules {
  readonly #rules = new PathMap<Held>();
  /** Those that allow something. */
  readonly #granting = new PathMap<Held>();

  /** @throws TypeError naming a permission that there is not, or a path that is none or has two rules */
  constructor(rules: PermissionRules) {
    for (const [written, permissions] of Object.entries(rules)) {
      const path = ruledPath(written);
      if (this.#rules.get(path) !== undefined) {
        throw new TypeError(`There are two permission rules for ${path}`);
      }
      const held = permissionSet(written, permissions);
      this.#rules.set(path, held);
      if (held.size > 0) this.#granting.set(path, held);
    }
  }

  /** All that is allowed at a path. */
  at(path: SftpPath): Held {
    return this.#rules.nearest(path) ?? NONE;
  }

  allows(path: SftpPath, permission: Permission): boolean {
    return this.at(path).has(permission);
  }

  /** @throws SftpError `EACCES` when one of the permissions is not held at the path */
  assert(path: SftpPath, ...permissions: readonly Permission[]): void {
    const held = this.at(path);
    if (permissions.some((permission) => !held.has(permission))) throw new SftpError('EACCES');
  }

  /** Whether anything is allowed at a path or below it. */
  isVisible(path: SftpPath): boolean {
    return this.at(path).size > 0 || this.#granting.leadsOn(path);
  }

  /** The names in a directory that lead to a path at which a rule allows something. */
  namesOnTheWay(directory: SftpPath): ReadonlySet<string> {
    return this.#granting.namesIn(directory);
  }

  /** Whether another rule stands below a path. */
  isDivided(path: SftpPath): boolean {
    return this.#rules.leadsOn(path);
  }

  /** Whether something that moves from one path to the other comes to more permissions. */
  givesMore(from: SftpPath, to: SftpPath): boolean {
    const before = this.at(from);
    return [...this.at(to)].some((permission) => !before.has(permission));
  }

  /** Whether nothing can be changed at a path. */
  isReadOnly(path: SftpPath): boolean {
    const held = this.at(path);
    return CHANGES.every((permission) => !held.has(permission));
  }

  /** Whether a permission is given anywhere. */
  gives(permission: Permission): boolean {
    return [...this.#rules.values()].some((held) => held.has(permission));
  }

  /** Whether everything is allowed everywhere. */
  get allowEverything(): boolean {
    const all = [this.at(normalizePath('/')), ...this.#rules.values()];
    return all.every((held) => held.size === PERMISSIONS.length);
  }
}

function ruledPath(written: string): SftpPath {
  try {
    return normalizePath(written);
  } catch (error) {
    throw new TypeError(`${JSON.stringify(written)} is no path for a permission rule`, {
      cause: error,
    });
  }
}

function permissionSet(path: string, permissions: readonly Permission[]): Held {
  if (!Array.isArray(permissions)) {
    throw new TypeError(`The permission rule for ${path} is no list of permissions`);
  }
  const known: readonly unknown[] = PERMISSIONS;
  const unknown = permissions.filter((permission) => !known.includes(permission));
  if (unknown.length > 0) {
    throw new TypeError(
      `The permission rule for ${path} names ${unknown.map((name) => JSON.stringify(name)).join(', ')}; ` +
        `there are ${PERMISSIONS.join(', ')}`,
    );
  }
  return new Set(permissions);
}
