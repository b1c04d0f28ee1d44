import { Extents } from '../../../filesystem/open-files/extents.js';
import type { TemporaryFile } from '../../../filesystem/open-files/temporary-file.js';
import type { Multipart } from './multipart.js';
import type { PartMemory } from './part-memory.js';
import type { PlannedPart } from './part-plan.js';
import type { UnsentPart } from './unsent-part.js';

/** A part that is gathered in one buffer, from which the SDK can send it as often as it takes. */
export class PartInMemory implements UnsentPart {
  readonly planned: PlannedPart;
  readonly #memory: PartMemory;
  readonly #there = new Extents();
  #buffer: Buffer;

  /** @param buffer of `memory`, which has it back in the end; it may be shorter than the part, and grow */
  constructor(planned: PlannedPart, memory: PartMemory, buffer: Buffer) {
    this.planned = planned;
    this.#memory = memory;
    this.#buffer = buffer;
  }

  /** The buffer as it is now. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  get full(): boolean {
    return this.#there.endOfRun(0) === this.planned.end - this.planned.start;
  }

  /** Goes on in a longer buffer of the same memory. */
  grow(longer: Buffer): void {
    this.#buffer.copy(longer, 0, 0, this.#there.end);
    this.#memory.give(this.#buffer);
    this.#buffer = longer;
  }

  put(data: Uint8Array, offset: number): Promise<void> {
    const at = offset - this.planned.start;
    this.#there.add(at, at + data.length);
    this.#buffer.set(data, at);
    return Promise.resolve();
  }

  cut(offset: number): Promise<void> {
    this.#there.cut(Math.max(offset - this.planned.start, 0));
    return Promise.resolve();
  }

  fill(end: number): Promise<void> {
    const length = end - this.planned.start;
    for (let at = this.#there.endOfRun(0); at < length;) {
      const gapEnd = Math.min(this.#there.firstFrom(at), length);
      this.#buffer.fill(0, at, gapEnd);
      this.#there.add(at, gapEnd);
      at = this.#there.endOfRun(at);
    }
    return Promise.resolve();
  }

  /** What is there up to `end`, once it is filled; valid until the part is released. */
  content(end: number): Buffer {
    return this.#buffer.subarray(0, end - this.planned.start);
  }

  copyTo(file: TemporaryFile): Promise<void> {
    return this.#eachRun((run, offset) => file.write(run, offset));
  }

  /** Puts what is there into another part of the same place, and lets go of this one. */
  async moveTo(part: UnsentPart): Promise<void> {
    await this.#eachRun((run, offset) => part.put(run, offset));
    await this.release();
  }

  async send(multipart: Multipart, end: number): Promise<void> {
    await multipart.send(this.planned.number, this.content(end));
    await this.release();
  }

  release(): Promise<void> {
    this.#memory.give(this.#buffer);
    return Promise.resolve();
  }

  async #eachRun(take: (run: Buffer, offset: number) => Promise<void>): Promise<void> {
    for (let at = this.#there.firstFrom(0); at < Infinity;) {
      const end = this.#there.endOfRun(at);
      await take(this.#buffer.subarray(at, end), this.planned.start + at);
      at = this.#there.firstFrom(end);
    }
  }
}
