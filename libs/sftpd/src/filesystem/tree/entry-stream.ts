import type { DirEntry } from '../file-info.js';

type Entries = Iterable<DirEntry> | AsyncIterable<DirEntry>;

/** What is changed of a listing. */
export interface EntryChanges {
  /** Entries that come before the others. @default none */
  readonly first?: readonly DirEntry[];
  /** Whether an entry of the listing stays. */
  readonly keep: (name: string) => boolean;
}

/** A listing with entries added and left out. It is passed on entry by entry and never held. */
export function changedEntries(entries: Entries, changes: EntryChanges): AsyncIterable<DirEntry> {
  return { [Symbol.asyncIterator]: () => new ChangedEntries(entries, changes) };
}

/**
 * Written out, and no generator: the `return()` of a generator waits for the step under way, and the storage would
 * not be told that nobody wants an entry that never comes.
 */
class ChangedEntries implements AsyncIterator<DirEntry> {
  readonly #first: DirEntry[];
  readonly #rest: Iterator<DirEntry> | AsyncIterator<DirEntry>;
  readonly #keep: (name: string) => boolean;

  constructor(entries: Entries, { first = [], keep }: EntryChanges) {
    this.#first = [...first];
    this.#rest =
      Symbol.asyncIterator in entries
        ? entries[Symbol.asyncIterator]()
        : entries[Symbol.iterator]();
    this.#keep = keep;
  }

  async next(): Promise<IteratorResult<DirEntry>> {
    const added = this.#first.shift();
    if (added !== undefined) return { done: false, value: added };
    for (;;) {
      const step = await this.#rest.next();
      if (step.done === true) return { done: true, value: undefined };
      if (this.#keep(step.value.name)) return step;
    }
  }

  async return(): Promise<IteratorResult<DirEntry>> {
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }
}
