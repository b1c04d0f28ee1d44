import type { RandomAccessBackend } from '../backend.js';
import type { OptionalMethod } from '../backend-methods.js';
import { offering } from './offering.js';
import type { Permission, PermissionRules } from './permissions.js';
import { RestrictedTree } from './restricted-tree.js';
import { Rules } from './rules.js';

/** Methods that would carry a permission from one path to another. */
const NEVER: ReadonlySet<OptionalMethod> = new Set(['symlink', 'hardLink']);

/** Methods that are only extensions: not advertised where no rule allows them. */
const NEEDS: ReadonlyMap<OptionalMethod, Permission> = new Map([
  ['copy', 'create'],
  ['setLinkAttributes', 'write'],
]);

/**
 * A tree in which only what the rules allow can be done; what each permission means is said at `PERMISSIONS`.
 * Where everything is allowed everywhere, it is the backend itself.
 *
 * @throws TypeError naming a permission that there is not, or a path that is none or has two rules
 */
export function restricted(
  backend: RandomAccessBackend,
  rules: PermissionRules,
): RandomAccessBackend {
  const checked = new Rules(rules);
  if (checked.allowEverything) return backend;
  return offering(new RestrictedTree(backend, checked), (method) => {
    const needed = NEEDS.get(method);
    const useful = needed === undefined || checked.gives(needed);
    return backend[method] !== undefined && useful && !NEVER.has(method);
  });
}
