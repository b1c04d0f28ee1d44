import type { RandomAccessBackend } from '../backend.js';
import type { SftpPath } from '../path.js';

/** A backend, or a directory of one, at a path of a tree. */
export interface Mount {
  /** Where it stands in the tree. */
  readonly path: SftpPath;
  readonly backend: RandomAccessBackend;
  /** The directory of the backend that stands there; nothing outside of it can be reached. @default the root */
  readonly root?: SftpPath;
}
