import { baseName, parentPath, type SftpPath } from '../../../filesystem/path.js';
import { entryName, type KeySpace } from '../key-space.js';
import type { LookUpContext } from './look-up.js';

/**
 * Whether there is nothing where an upload wants to be, in a directory that exists, as far as that was seen a short
 * while ago. When one upload into a directory follows the other, its names are listed once, and those that come after
 * need not ask.
 *
 * @returns `false` when it is not known: it has to be looked for then
 */
export async function isKnownFree(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<boolean> {
  const prefix = keys.directoryPrefix(parentPath(path));
  const name = baseName(path);
  const { names } = context.tree;
  if (names.noteUpload(prefix)) await listNames(context, prefix);
  return names.isFree(prefix, name);
}

/** Remembers the names in a directory, if one page of a listing has them all. */
async function listNames({ store, tree }: LookUpContext, prefix: string): Promise<void> {
  const { objects, prefixes, next } = await store.list({ prefix, delimiter: '/' });
  const listed = [...objects.map(({ key }) => key), ...prefixes];
  // Of a directory that is not there, everything has yet to be asked.
  if (listed.length === 0) return;
  const names = listed.flatMap((key) => entryName(prefix, key) ?? []);
  tree.names.remember(prefix, next === undefined ? names : undefined);
}
