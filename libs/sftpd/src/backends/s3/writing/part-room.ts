import { setTimeout as delay } from 'node:timers/promises';

import { SftpError } from '../../../filesystem/sftp-error.js';
import type { S3Context } from '../s3-context.js';
import { PartInFile } from './part-in-file.js';
import { PartInMemory } from './part-in-memory.js';
import type { PartMemory } from './part-memory.js';
import type { PlannedPart } from './part-plan.js';
import type { UnsentPart } from './unsent-part.js';

const KIB = 1024;
/** What a file begins with, in bytes: most files are small. */
const FIRST_STEPS = [64 * KIB, 512 * KIB];
/** Longer parts are gathered in a temporary file. */
export const MAX_IN_MEMORY = 16 * KIB * KIB;

/**
 * Where the parts of one upload are gathered: in memory, as long as they are short and there is some, and otherwise
 * each in a temporary file of its own. An upload that may not use files waits for memory.
 */
export class PartRoom {
  readonly #context: S3Context;
  readonly #memory: PartMemory;
  readonly #firstNumber: number;
  readonly #makeRoom: () => Promise<boolean>;

  /**
   * @param firstNumber of the part that grows in steps
   * @param makeRoom waits until the upload itself needs less than before; `false` when it cannot
   */
  constructor(
    context: S3Context,
    memory: PartMemory,
    firstNumber: number,
    makeRoom: () => Promise<boolean>,
  ) {
    this.#context = context;
    this.#memory = memory;
    this.#firstNumber = firstNumber;
    this.#makeRoom = makeRoom;
  }

  /**
   * A place for the bytes of a part up to `end`.
   *
   * @param part what there is of it already
   * @returns the part, or another one in its place, which has its content then
   * @throws SftpError `ETIMEDOUT` when there was no memory in time, `ENOSPC`, `EIO`, and what `makeRoom` throws
   */
  async placeFor(
    planned: PlannedPart,
    part: UnsentPart | undefined,
    end: number,
  ): Promise<UnsentPart> {
    const length = end - planned.start;
    const grown = part instanceof PartInMemory ? part : undefined;
    if (part !== undefined && (grown === undefined || length <= grown.buffer.length)) return part;
    const bytes = this.#stepsOf(planned).find((step) => step >= length);
    const buffer = bytes === undefined ? undefined : await this.#buffer(bytes, grown?.buffer);
    if (buffer === undefined) return this.#inFile(planned, grown);
    if (grown === undefined) return new PartInMemory(planned, this.#memory, buffer);
    grown.grow(buffer);
    return grown;
  }

  get #mayUseFiles(): boolean {
    return this.#context.settings.randomWrites !== 'refuse';
  }

  #stepsOf({ number, start, end }: PlannedPart): number[] {
    const length = end - start;
    if (number !== this.#firstNumber) {
      return length <= MAX_IN_MEMORY || !this.#mayUseFiles ? [length] : [];
    }
    const most = this.#mayUseFiles ? Math.min(length, MAX_IN_MEMORY) : length;
    return [...FIRST_STEPS.filter((step) => step < most), most];
  }

  async #buffer(bytes: number, outgrown: Buffer | undefined): Promise<Buffer | undefined> {
    let timer: AbortController | undefined;
    let late: Promise<void> | undefined;
    try {
      for (;;) {
        const buffer = this.#memory.tryBuffer(bytes, outgrown);
        if (buffer !== undefined) return buffer;
        if (await this.#makeRoom()) continue;
        if (this.#mayUseFiles) return undefined;
        timer ??= new AbortController();
        late ??= this.#late(timer.signal);
        const given = this.#memory.given();
        const now = this.#memory.tryBuffer(bytes, outgrown);
        if (now !== undefined) return now;
        await Promise.race([given, late]);
      }
    } finally {
      timer?.abort();
    }
  }

  /** Rejects when a request cannot wait any longer; settles when it need not. */
  async #late(needless: AbortSignal): Promise<void> {
    try {
      await delay(this.#context.settings.requestTimeout, undefined, { signal: needless });
    } catch {
      return;
    }
    throw new SftpError('ETIMEDOUT', 'The server has no memory left for this upload');
  }

  async #inFile(planned: PlannedPart, outgrown: PartInMemory | undefined): Promise<UnsentPart> {
    const part = await PartInFile.create(planned, this.#context.temporaryFiles);
    if (outgrown !== undefined) {
      try {
        await outgrown.moveTo(part);
      } catch (error) {
        await part.release();
        throw error;
      }
    }
    return part;
  }
}
