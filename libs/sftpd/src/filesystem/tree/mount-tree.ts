import type { RandomAccessBackend } from '../backend.js';
import { isRootPath, ROOT_PATH } from '../path.js';
import type { Mount } from './mount.js';
import { MountTable } from './mount-table.js';
import { MountedTree } from './mounted-tree.js';
import type { OptionalMethod } from '../backend-methods.js';
import { offering } from './offering.js';

/** Methods of which the tree's own are enough: it can copy whatever can be opened. */
const OWN: ReadonlySet<OptionalMethod> = new Set(['copy']);

/** Methods that a mount with a root other than `/` does not serve: see {@link Mount.root}. */
const ROOT_ONLY: ReadonlySet<OptionalMethod> = new Set(['symlink', 'readLink']);

const DEFAULT_LOOKUP_TIMEOUT = 1000;

/** How a tree of mounts behaves. */
export interface MountTreeOptions {
  /**
   * Milliseconds that a mounted backend may take to tell the attributes of its root for a listing or a STAT of its
   * mount point, or the names of owners. After that, as after a failure, defaults are shown: one dead backend must not
   * make the directories around it fail or hang. A request may need four of them one after the other, which should
   * fit into the server's `openTimeout`.
   * @default 1000
   */
  readonly lookupTimeout?: number;
}

/**
 * One tree of files made of several backends. The longest mount path at or above a path decides whose it is.
 *
 * - Mount points and the directories on the way to them are directories, whatever the backend above has under
 *   their names, and nothing removes or renames them (`EBUSY`; REMOVE, which never takes a directory, `EISDIR`).
 * - A directory that no backend has, and that is there only because mount points lie below it, is read-only
 *   (`EROFS`). No mount need stand at `/`.
 * - RENAME and hard links between mounts are `EXDEV`; copies between them stream.
 * - The tree offers what at least one of its backends can serve (`fsync@openssh.com`: what all can), and answers
 *   `ENOTSUP` at the paths of those that cannot.
 * - An absolute target of a symbolic link is a path of this tree, and has to stay in the mount of its link.
 *
 * A single mount of a whole backend at `/` is that backend.
 *
 * @throws TypeError for no mount at all, for two at one path, and for a path or root that is not canonical
 */
export function mountTree(
  mounts: readonly Mount[],
  { lookupTimeout = DEFAULT_LOOKUP_TIMEOUT }: MountTreeOptions = {},
): RandomAccessBackend {
  const table = new MountTable(mounts);
  const [first] = mounts;
  if (first && mounts.length === 1 && isRootPath(first.path) && isWhole(first)) {
    return first.backend;
  }
  const tree = new MountedTree(
    table,
    mounts.map(({ backend }) => backend),
    lookupTimeout,
  );
  return offering(
    tree,
    (method) =>
      OWN.has(method) ||
      mounts.some(
        (mount) =>
          mount.backend[method] !== undefined && (isWhole(mount) || !ROOT_ONLY.has(method)),
      ),
  );
}

function isWhole({ root = ROOT_PATH }: Mount): boolean {
  return isRootPath(root);
}
