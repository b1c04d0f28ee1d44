import type { RandomAccessBackend } from '../../backend.js';
import { normalizePath } from '../../path.js';
import type { Mount } from '../mount.js';

/** A mount, with its paths as texts. */
export function mount(path: string, backend: RandomAccessBackend, root?: string): Mount {
  return {
    path: normalizePath(path),
    backend,
    ...(root !== undefined && { root: normalizePath(root) }),
  };
}
