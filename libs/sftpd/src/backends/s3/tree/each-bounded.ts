/**
 * Does work on each item, a bounded number of them at once. After the first failure no more items are taken; it is
 * thrown when all that was begun has ended.
 *
 * @param items taken one by one, as the work on those before ends
 * @param concurrency pieces of work at once, at least 1
 */
export async function eachBounded<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = queueOf(items);
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    try {
      while (failures.length === 0) {
        const step = await queue.next();
        if (step.done === true) return;
        await work(step.value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await queue.return();
  if (failures.length > 0) throw failures[0];
}

/** A generator, as those hand their items to several who ask at once. */
async function* queueOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<Item, void, void> {
  yield* items;
}
