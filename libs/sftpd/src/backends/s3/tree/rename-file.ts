import { attributesOf, withAttributes } from '../object-attributes.js';
import type { NewObject, StoredObject } from '../store/stored-object.js';
import { changedMeanwhile, copyObject } from './copy-object.js';
import type { TreeContext } from './tree-context.js';

/**
 * Renames one object: copies it, and removes the source if that is still what was copied.
 *
 * @throws SftpError `EIO` when the source was changed meanwhile, or the copy is not what it should be; both stay then
 */
export async function renameFile(
  context: TreeContext,
  source: StoredObject,
  toKey: string,
): Promise<void> {
  const { store, tree } = context;
  const kept = { modifiedAt: source.lastModified, ...attributesOf(source.metadata) };
  const etag = await copyObject(context, source, toKey, withTime(source));
  tree.attributes.remember(toKey, etag, kept);
  await tree.turns.take(source.key, async () => {
    const [now, made] = await Promise.all([
      store.head(source.key),
      // A copy with the source's ETag has its content; of any other the size must do.
      etag === source.etag && etag !== '' ? undefined : store.head(toKey),
    ]);
    // Who has removed the file meanwhile has removed it after it was renamed.
    if (now === undefined) return;
    const isSame = now.etag === source.etag && now.size === source.size;
    if (!isSame || now.lastModified.getTime() !== source.lastModified.getTime())
      throw changedMeanwhile();
    if (made !== undefined && made.size !== source.size) throw changedMeanwhile();
    await store.delete(source.key);
  });
}

/** What the copy is given so that it keeps the time of its content, which is its source's until somebody sets one. */
function withTime({ metadata, headers, lastModified }: StoredObject): NewObject | undefined {
  if (attributesOf(metadata).modifiedAt !== undefined) return undefined;
  return { metadata: withAttributes(metadata, { modifiedAt: lastModified }), headers };
}
