import type { S3Context } from '../s3-context.js';
import type { StoredObject } from '../store/stored-object.js';
import { copiedParts } from './compose-plan.js';
import { type ByteRange, evenRanges } from './even-ranges.js';
import { isCopyable } from './is-copyable.js';
import type { Multipart } from './multipart.js';

/** Bytes of a part that goes through the server. */
const STREAMED_BYTES = 64 * 1024 * 1024;
/** Parts that may be used up by what goes through the server, of an object of any size. */
const MAX_STREAMED = 4000;
/** Copies inside the store that are under way at once, and bodies that go through the server. */
const COPIES = 4;
const STREAMS = 2;

/**
 * What an existing object holds, as the first parts of the upload that goes on behind it: copied inside the store,
 * or, where that cannot be trusted, streamed through the server, body by body.
 */
export class CarriedOver {
  readonly #context: S3Context;
  readonly #object: StoredObject;
  readonly #copied: boolean;
  readonly #ranges: readonly ByteRange[];

  /** @param object at least as long as the shortest part */
  constructor(context: S3Context, object: StoredObject) {
    this.#context = context;
    this.#object = object;
    this.#copied = isCopyable(object.key);
    const whole = { start: 0, end: object.size };
    const least = Math.max(STREAMED_BYTES, Math.ceil(object.size / MAX_STREAMED));
    this.#ranges = this.#copied
      ? copiedParts(whole)
      : evenRanges(whole, Math.max(Math.floor(object.size / least), 1));
  }

  /** How many parts it is; they have the numbers from 1 on. */
  get parts(): number {
    return this.#ranges.length;
  }

  /** Carries everything over. Never rejects: the multipart upload knows what has failed. */
  async carry(multipart: Multipart): Promise<void> {
    const left = this.#ranges.entries();
    const worker = async (): Promise<void> => {
      for (const [index, range] of left) await this.#carryPart(multipart, index + 1, range);
    };
    await Promise.all(Array.from({ length: this.#copied ? COPIES : STREAMS }, worker));
  }

  #carryPart(multipart: Multipart, number: number, range: ByteRange): Promise<void> {
    if (this.#copied) return multipart.copy(number, this.#object, range);
    const { store } = this.#context;
    const { start, end } = range;
    return multipart.sendStream(number, end - start, (signal) =>
      store.read(this.#object, start, end, signal),
    );
  }
}
