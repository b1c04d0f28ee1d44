import type { RandomAccessBackend } from '../backend.js';
import { rebasePath, ROOT_PATH, type SftpPath } from '../path.js';

/** A backend, or a directory of one, at a path of a tree. */
export interface Mount {
  /** Where it stands in the tree. */
  readonly path: SftpPath;
  /** What stands there. */
  readonly backend: RandomAccessBackend;
  /**
   * The directory of the backend that stands there; nothing outside of it can be reached by a path. It need not
   * exist: what is not there is `ENOENT` until somebody makes it. Symbolic links are followed by the backend and
   * not by the tree, so below a root other than `/` none can be made or read; those that are in the storage already
   * lead where the storage says.
   * @default the root
   */
  readonly root?: SftpPath;
}

/** A path of a tree as the backend knows it that serves it. */
export interface Place {
  readonly mount: Mount;
  /** The backend's own path. */
  readonly path: SftpPath;
}

/** Where a path of the tree lies within its mount. */
export function placeIn(mount: Mount, path: SftpPath): Place {
  return { mount, path: rebasePath(path, mount.path, mount.root ?? ROOT_PATH) };
}
