import type { RandomAccessBackend } from '../backend.js';
import type { Mount } from './mount.js';

/** One tree of files made of several backends. */
export function mountTree(mounts: readonly Mount[]): RandomAccessBackend {
  const [only] = mounts;
  if (only === undefined || mounts.length > 1) throw new TypeError('One mount is needed');
  return only.backend;
}
