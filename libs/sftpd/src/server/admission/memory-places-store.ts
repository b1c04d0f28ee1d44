import type { CountLimit, FullCount, PlacesStore } from './places-store.js';
import { Tally } from './tally.js';

/**
 * Counts connections in the memory of this process: for the servers in it, or for those of other processes that ask
 * it, as workers ask their primary.
 */
export class MemoryPlacesStore implements PlacesStore {
  readonly #tally = new Tally();
  readonly #held = new Map<string, Set<string>>();

  /** How many connections hold something. */
  get size(): number {
    return this.#held.size;
  }

  /** How many connections are in a count. */
  of(name: string): number {
    return this.#tally.of(name);
  }

  take(holder: string, counts: readonly CountLimit[]): FullCount | undefined {
    const held = this.#held.get(holder) ?? new Set<string>();
    const wanted = counts.filter(({ name }) => !held.has(name));
    for (const { name, limit } of wanted) {
      const count = this.#tally.of(name);
      if (count >= limit) return { name, count };
    }
    for (const { name } of wanted) {
      // The same name may stand there twice.
      if (held.has(name)) continue;
      held.add(name);
      this.#tally.add(name);
    }
    if (held.size > 0) this.#held.set(holder, held);
    return undefined;
  }

  giveBack(holder: string, names?: readonly string[]): void {
    const held = this.#held.get(holder);
    if (held === undefined) return;
    for (const name of names ?? [...held]) {
      if (held.delete(name)) this.#tally.remove(name);
    }
    if (held.size === 0) this.#held.delete(holder);
  }

  /** Gives back all that a server held which is gone. @param startOfHolders what the names of its connections begin with */
  giveBackAll(startOfHolders: string): void {
    for (const holder of [...this.#held.keys()]) {
      if (holder.startsWith(startOfHolders)) this.giveBack(holder);
    }
  }
}
