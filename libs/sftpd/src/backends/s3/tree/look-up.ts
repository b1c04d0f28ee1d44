import type { FileInfo } from '../../../filesystem/file-info.js';
import { directoryInfo, type FileAttributes } from '../../../filesystem/make-file-info.js';
import { baseName, isRootPath, parentPath, type SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { isHidden, isLongName, type KeySpace } from '../key-space.js';
import { attributesOf, fileInfoOf } from '../object-attributes.js';
import type { StoredObject } from '../store/stored-object.js';
import type { TreeContext } from './tree-context.js';

/** What a path names. */
export type Entry = FileEntry | DirectoryEntry;

/** A file: an object whose key is the path's. */
export interface FileEntry {
  readonly type: 'file';
  readonly object: StoredObject;
}

/** A directory: there are keys below the path's. */
export interface DirectoryEntry {
  readonly type: 'directory';
  /** The object that keeps the directory and its attributes, when there is one. */
  readonly marker: StoredObject | undefined;
  readonly attributes: FileAttributes;
}

/** What a lookup is done with. */
export type LookUpContext = Pick<TreeContext, 'store' | 'tree'>;

/**
 * Attributes of what a path names (STAT): one HEAD for a file; for a directory, one LIST and the HEAD of its marker
 * beside it after that.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR`, `ENAMETOOLONG`
 */
export async function lookUp(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<FileInfo> {
  const entry = await findEntry(context, keys, path);
  if (entry === undefined) throw await missingError(context, keys, path);
  if (entry.type === 'directory') return directoryInfo(entry.attributes);
  const { size, lastModified, metadata } = entry.object;
  return fileInfoOf(size, lastModified, attributesOf(metadata));
}

/**
 * What a path names; nothing when there is neither an object nor a directory. Where one name has both, the object
 * wins. The root is always there.
 *
 * @throws SftpError `ENAMETOOLONG`
 */
export async function findEntry(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<Entry | undefined> {
  if (isRootPath(path)) return findDirectory(context, keys, path);
  // What was a directory a short while ago is one most likely, and need not wait for its HEAD.
  const isKnown =
    keys.hasRoomBelow(path) && context.tree.directories.has(keys.directoryPrefix(path));
  const directory = isKnown ? findDirectory(context, keys, path) : undefined;
  directory?.catch(() => undefined);
  const object = await findObject(context, keys, path);
  return object ? { type: 'file', object } : (directory ?? findDirectory(context, keys, path));
}

/**
 * The object that a path names, but for the marker of a directory.
 *
 * @throws SftpError `EISDIR` for the root, `ENAMETOOLONG`
 */
export async function findObject(
  { store, tree }: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<StoredObject | undefined> {
  const object = await store.head(keys.fileKey(path));
  if (object === undefined || isHidden(object)) return undefined;
  tree.attributes.remember(object.key, object.etag, attributesOf(object.metadata));
  return object;
}

/** Whether the directory of a path exists, by one LIST; the root always does. */
export async function directoryExists(
  { store, tree }: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<boolean> {
  if (isRootPath(path)) return true;
  if (!keys.hasRoomBelow(path)) return false;
  const prefix = keys.directoryPrefix(path);
  const { objects } = await store.list({ prefix, maxKeys: 1 });
  if (objects.length === 0) return false;
  tree.directories.remember(prefix);
  return true;
}

/**
 * What to tell of a path at which there is nothing. Whether the name that holds it is a file's is looked for in the
 * next directory above only, and not at all where that is known to be one: most of those who ask for what is not
 * there are about to make it.
 */
export async function missingError(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<SftpError> {
  if (isLongName(baseName(path))) return new SftpError('ENAMETOOLONG');
  const parent = parentPath(path);
  if (isRootPath(parent) || context.tree.directories.has(keys.directoryPrefix(parent)))
    return new SftpError('ENOENT');
  const file = await findObject(context, keys, parent);
  if (file === undefined || (await directoryExists(context, keys, parent)))
    return new SftpError('ENOENT');
  return new SftpError('ENOTDIR');
}

/**
 * Makes sure that the directory in which a path lies exists. What was found is remembered for a while, since each
 * upload asks.
 *
 * @throws SftpError `ENOENT`, `ENOTDIR` when its name is a file's and nothing is below it, `ENAMETOOLONG`
 */
export async function assertParent(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<void> {
  const parent = parentPath(path);
  if (isRootPath(parent) || context.tree.directories.has(keys.directoryPrefix(parent))) return;
  if (await directoryExists(context, keys, parent)) return;
  if (await findObject(context, keys, parent)) throw new SftpError('ENOTDIR');
  throw await missingError(context, keys, parent);
}

async function findDirectory(
  { store, tree }: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<DirectoryEntry | undefined> {
  if (!keys.hasRoomBelow(path)) return undefined;
  const prefix = keys.directoryPrefix(path);
  const [first, marker] = await Promise.all([
    isRootPath(path) ? undefined : store.list({ prefix, maxKeys: 1 }),
    keys.hasRoomForMarker(path) ? store.head(keys.markerKey(path)) : undefined,
  ]);
  const [listed] = first?.objects ?? [];
  if (!isRootPath(path) && listed === undefined && marker === undefined) return undefined;
  // The marker of other programs, `dir/`, is the first of all keys below it.
  const own = marker ?? (listed?.key === prefix ? listed : undefined);
  const attributes: FileAttributes = {
    ...(own && { modifiedAt: own.lastModified }),
    ...(marker && attributesOf(marker.metadata)),
  };
  tree.directories.remember(prefix);
  tree.attributes.rememberDirectory(prefix, attributes);
  return { type: 'directory', marker, attributes };
}
