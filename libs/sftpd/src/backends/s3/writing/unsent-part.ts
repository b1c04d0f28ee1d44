import type { Multipart } from './multipart.js';
import type { PlannedPart } from './part-plan.js';
import type { TemporaryFile } from '../../../filesystem/open-files/temporary-file.js';

/** A part of an upload that is being gathered. All offsets are those of the file, in bytes. */
export interface UnsentPart {
  readonly planned: PlannedPart;
  /** Whether every byte of the part is there. */
  readonly full: boolean;

  /** Puts bytes at their place; they are within the part, and in memory within its capacity. */
  put(data: Uint8Array, offset: number): Promise<void>;

  /** What lies at or past `offset` is not there any more. */
  cut(offset: number): Promise<void>;

  /** Makes zeros of what is not there before `end`. */
  fill(end: number): Promise<void>;

  /** Writes what is there into a file, at the same offsets. */
  copyTo(file: TemporaryFile): Promise<void>;

  /** Sends the part, which is filled up to `end`; the part is let go of by that, whatever comes of it. */
  send(multipart: Multipart, end: number): Promise<void>;

  /** Gives back what holds the part, which is not being sent. */
  release(): Promise<void>;
}
