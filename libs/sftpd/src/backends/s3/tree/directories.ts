import type { AttributeChanges } from '../../../filesystem/file-info.js';
import { isRootPath, type SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { assertNewName, isMarker, type KeySpace } from '../key-space.js';
import { changedAttributes, withAttributes } from '../object-attributes.js';
import { isPreconditionFailed } from '../store/s3-errors.js';
import type { NewObject } from '../store/stored-object.js';
import {
  assertParent,
  type DirectoryEntry,
  directoryExists,
  findObject,
  missingError,
} from './look-up.js';
import { removeObjects } from './remove-objects.js';
import type { TreeContext } from './tree-context.js';

const NOTHING = new Uint8Array(0);

/** What work on directories is done with. */
export type DirectoryContext = Pick<
  TreeContext,
  'store' | 'tree' | 'settings' | 'conditionalWrites'
>;

/**
 * Makes a directory (MKDIR): its marker, which keeps the mode and the times that it is given.
 *
 * @param attributes owner and group are ignored
 * @default attributes.modifiedAt now
 * @throws SftpError `EEXIST` whatever is there, `ENOENT`, `ENOTDIR`, `ENAMETOOLONG`, `EACCES` for the marker's name
 */
export async function makeDirectory(
  context: DirectoryContext,
  keys: KeySpace,
  path: SftpPath,
  attributes: AttributeChanges,
): Promise<void> {
  if (isRootPath(path)) throw new SftpError('EEXIST');
  assertNewName(path);
  const markerKey = keys.markerKey(path);
  // Markers of stores that know no conditions: one at a time, or two would both find nothing there.
  await context.tree.turns.take(markerKey, async () => {
    const [object, isDirectory] = await Promise.all([
      findObject(context, keys, path),
      directoryExists(context, keys, path),
      assertParent(context, keys, path),
    ]);
    if (object !== undefined || isDirectory) throw new SftpError('EEXIST');
    const kept = changedAttributes({ modifiedAt: thisSecond() }, attributes);
    await putNew(context, markerKey, { metadata: withAttributes({}, kept) });
    const prefix = keys.directoryPrefix(path);
    context.tree.names.take(markerKey);
    context.tree.directories.remember(prefix);
    context.tree.attributes.rememberDirectory(prefix, kept);
  });
}

/**
 * Removes an empty directory (RMDIR): its markers.
 *
 * @throws SftpError `EBUSY` for the root, `ENOENT`, `ENOTDIR`, `ENOTEMPTY` when anything but markers is below, also
 * keys that no client could name; `ENAMETOOLONG`
 */
export async function removeDirectory(
  context: DirectoryContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<void> {
  if (isRootPath(path)) throw new SftpError('EBUSY');
  const markers = await markersOf(context, keys, path);
  if (markers === 'more') throw new SftpError('ENOTEMPTY');
  if (markers.length === 0) {
    if (await findObject(context, keys, path)) throw new SftpError('ENOTDIR');
    throw await missingError(context, keys, path);
  }
  try {
    await removeObjects(context, markers);
  } finally {
    forgetDirectory(context, keys.directoryPrefix(path));
  }
}

/** Nothing is known any more of the directory of a prefix and of all below it. */
export function forgetDirectory({ tree }: Pick<TreeContext, 'tree'>, prefix: string): void {
  tree.directories.forget(prefix);
  tree.attributes.forgetDirectory(prefix);
  tree.names.forget(prefix);
}

/**
 * The keys of a directory's markers, by one LIST: none when there is no directory, `more` when there is anything else
 * in it.
 */
export async function markersOf(
  { store }: Pick<TreeContext, 'store'>,
  keys: KeySpace,
  path: SftpPath,
): Promise<readonly string[] | 'more'> {
  const prefix = keys.directoryPrefix(path);
  // There are two markers at most: a third key is something else.
  const { objects } = await store.list({ prefix, maxKeys: 3 });
  return objects.every((object) => isMarker(prefix, object))
    ? objects.map(({ key }) => key)
    : 'more';
}

/**
 * Sets mode and times of a directory: in its marker, which is made when there is none.
 *
 * @param directory what was found there
 */
export async function setDirectoryAttributes(
  context: DirectoryContext,
  keys: KeySpace,
  path: SftpPath,
  { marker, attributes }: DirectoryEntry,
  changes: AttributeChanges,
): Promise<void> {
  const changed = changedAttributes({ modifiedAt: thisSecond(), ...attributes }, changes);
  const target = {
    metadata: withAttributes(marker?.metadata ?? {}, changed),
    ...(marker && { headers: marker.headers }),
  };
  // A marker of somebody else's may have content.
  if (marker !== undefined && marker.size > 0) {
    await context.store.copy(marker, marker.key, target);
  } else {
    await context.store.put(keys.markerKey(path), NOTHING, target);
  }
  context.tree.attributes.rememberDirectory(keys.directoryPrefix(path), changed);
}

async function putNew(context: DirectoryContext, key: string, object: NewObject): Promise<void> {
  const { store, conditionalWrites } = context;
  if (conditionalWrites.supported) {
    try {
      await store.put(key, NOTHING, object, { ifNoneMatch: '*' });
      return;
    } catch (error) {
      if (isPreconditionFailed(error)) throw new SftpError('EEXIST', undefined, { cause: error });
      if (!conditionalWrites.refusedBy(error)) throw error;
    }
  }
  await store.put(key, NOTHING, object);
}

/** Now, as S3 tells times. */
function thisSecond(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000);
}
