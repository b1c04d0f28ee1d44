import type { ListedObject } from '../store/stored-object.js';
import type { TreeContext } from './tree-context.js';

/** Every object below a prefix in the order of the keys' bytes, page by page as they are taken. */
export async function* objectsBelow(
  { store }: Pick<TreeContext, 'store'>,
  prefix: string,
): AsyncGenerator<ListedObject, void, void> {
  let next: string | undefined;
  do {
    const page = await store.list({ prefix, next });
    yield* page.objects;
    next = page.next;
  } while (next !== undefined);
}

/** An object, and the one that has the same name below another prefix. */
export interface KeyPair {
  readonly source: ListedObject;
  /** The other key, whether there is an object or not. */
  readonly otherKey: string;
  readonly other: ListedObject | undefined;
}

/**
 * Every object below one prefix with its counterpart below another. Both listings are walked in step, so nothing is
 * held of them but a page each.
 */
export async function* keyPairs(
  context: Pick<TreeContext, 'store'>,
  prefix: string,
  otherPrefix: string,
): AsyncGenerator<KeyPair, void, void> {
  const others = objectsBelow(context, otherPrefix);
  let step = await others.next();
  for await (const source of objectsBelow(context, prefix)) {
    const otherKey = otherPrefix + source.key.slice(prefix.length);
    while (step.done !== true && compareKeys(step.value.key, otherKey) < 0)
      step = await others.next();
    const other = step.done !== true && step.value.key === otherKey ? step.value : undefined;
    yield { source, otherKey, other };
  }
}

/** The order of keys is that of their UTF-8, which is not the order of JavaScript's strings. */
function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
