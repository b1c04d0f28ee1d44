import { SftpError } from '../../../filesystem/sftp-error.js';

const MIB = 1024 * 1024;

/** What S3 allows: the shortest part but the last, in bytes. */
export const MIN_PART = 5 * MIB;
/** The longest part, in bytes. */
export const MAX_PART = 5 * 1024 * MIB;
/** The most parts. */
export const MAX_PARTS = 10_000;
/** The longest object, in bytes. */
export const MAX_OBJECT = 5 * 1024 * 1024 * MIB;

/** So many parts have the first size; then it doubles every {@link DOUBLING}. */
const EQUAL = 4000;
const DOUBLING = 500;

/** One part of an upload: its number, its first byte and the byte after its last. */
export interface PlannedPart {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** What a plan is made of. */
export interface PartPlanOptions {
  /** Bytes of the first parts. */
  readonly partSize: number;
  /** Bytes that no part exceeds. @default MAX_PART */
  readonly maxPartSize?: number;
  /** Number of the first part. @default 1 */
  readonly firstNumber?: number;
  /** Where the first part begins, in bytes. @default 0 */
  readonly firstOffset?: number;
}

/**
 * How an upload of unknown length is cut into parts: parts that grow, so that the longest object fits into the most
 * parts that there can be, and a short one is not held up by long parts.
 */
export class PartPlan {
  readonly firstNumber: number;
  readonly firstOffset: number;
  readonly #partSize: number;
  readonly #maxPartSize: number;

  constructor({ partSize, maxPartSize, firstNumber, firstOffset }: PartPlanOptions) {
    this.firstNumber = firstNumber ?? 1;
    this.firstOffset = firstOffset ?? 0;
    this.#partSize = partSize;
    this.#maxPartSize = Math.min(maxPartSize ?? MAX_PART, MAX_PART);
  }

  /**
   * The part that a byte belongs to.
   *
   * @param offset in bytes, not before {@link firstOffset}
   * @throws SftpError `EFBIG` past the longest object, or past the last part
   */
  partAt(offset: number): PlannedPart {
    if (offset >= MAX_OBJECT) throw tooBig();
    let start = this.firstOffset;
    for (let number = this.firstNumber; number <= MAX_PARTS;) {
      const size = this.#sizeOf(number);
      const next = nextTier(number);
      const end = start + (next - number) * size;
      if (offset < end) {
        const index = Math.floor((offset - start) / size);
        const partStart = start + index * size;
        return {
          number: number + index,
          start: partStart,
          end: Math.min(partStart + size, MAX_OBJECT),
        };
      }
      start = end;
      number = next;
    }
    throw tooBig();
  }

  #sizeOf(number: number): number {
    const doublings = number <= EQUAL ? 0 : Math.floor((number - EQUAL - 1) / DOUBLING) + 1;
    return Math.min(this.#partSize * 2 ** doublings, this.#maxPartSize);
  }
}

/** The first number of the next longer parts. */
function nextTier(number: number): number {
  if (number <= EQUAL) return EQUAL + 1;
  return number + DOUBLING - ((number - EQUAL - 1) % DOUBLING);
}

function tooBig(): SftpError {
  return new SftpError('EFBIG', 'This storage cannot hold a file of that size');
}
