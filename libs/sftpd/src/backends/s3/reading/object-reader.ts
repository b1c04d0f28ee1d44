import type { ObjectStore } from '../store/object-store.js';
import type { ObjectVersion } from '../store/stored-object.js';
import type { TransferMemory } from '../transfer-memory.js';

/** STUB, to be replaced at the merge. */
export class ObjectReader {
  readonly #store: Pick<ObjectStore, 'read'>;
  readonly #object: ObjectVersion;

  constructor(
    store: Pick<ObjectStore, 'read'>,
    object: ObjectVersion,
    _limits: {
      readonly rangeSize: number;
      readonly concurrency: number;
      readonly stallTimeout: number;
      readonly requestTimeout: number;
    },
    _memory: TransferMemory,
  ) {
    this.#store = store;
    this.#object = object;
  }

  async read(target: Uint8Array, offset: number): Promise<number> {
    const end = Math.min(offset + target.length, this.#object.size);
    if (end <= offset) return 0;
    const body = await this.#store.read(this.#object, offset, end, AbortSignal.timeout(20_000));
    let filled = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      target.set(chunk, filled);
      filled += chunk.length;
    }
    return filled;
  }

  close(): void {
    // Nothing is held.
  }
}
