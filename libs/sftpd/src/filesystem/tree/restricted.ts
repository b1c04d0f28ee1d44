import type { RandomAccessBackend } from '../backend.js';
import type { PermissionRules } from './permissions.js';

/** A tree in which only what the rules allow can be done. */
export function restricted(
  backend: RandomAccessBackend,
  rules: PermissionRules,
): RandomAccessBackend {
  if (Object.keys(rules).length > 0) throw new TypeError('No rules can be kept yet');
  return backend;
}
