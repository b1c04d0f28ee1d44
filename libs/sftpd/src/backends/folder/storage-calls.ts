import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { lstat } from 'node:fs/promises';

import type { MaybePromise } from '../../filesystem/maybe-promise.js';

import { closeDescriptor, openDescriptor, readAt, writeAt } from './file-calls.js';
import { StorageSpeed } from './storage-speed.js';

/** What is short enough to be done at once on a prompt storage, in bytes. */
const SHORT_BYTES = 64 * 1024;

/**
 * Calls to the system that are usually short. On a prompt storage they are done at once: handing one to
 * another thread and hearing from it takes many times as long as the call. Anywhere else, and where a call can
 * be long, another thread waits.
 */
export class StorageCalls {
  readonly #speed: StorageSpeed;

  /** @param allowed `false`: another thread waits for every call */
  constructor(allowed: boolean) {
    this.#speed = new StorageSpeed(allowed);
  }

  /** To be called before anything else. @param root real path of the directory that is served */
  useStorageOf(root: string): Promise<void> {
    return this.#speed.look(root);
  }

  /** As `open(2)`. To empty a large file takes its time. */
  open(path: string, flags: number, mode?: number): MaybePromise<number> {
    return this.#speed.prompt && (flags & constants.O_TRUNC) === 0
      ? openSync(path, flags, mode)
      : openDescriptor(path, flags, mode);
  }

  lstat(path: string): MaybePromise<Stats> {
    return this.#speed.prompt ? lstatSync(path) : lstat(path);
  }

  /**
   * Closes a descriptor that was written to.
   *
   * @param written bytes that may still have to be given their place
   */
  close(fd: number, written: number): MaybePromise<void> {
    if (!this.#speed.prompt || written > SHORT_BYTES) return closeDescriptor(fd);
    closeSync(fd);
  }

  /**
   * Writes once, the bytes of `data` from `start` on.
   *
   * @param position in the file; `null` where the descriptor stands
   * @param before bytes written to the descriptor until now: what follows on many may have to wait for the disk
   * @returns the number of bytes
   */
  write(
    fd: number,
    data: Uint8Array,
    start: number,
    position: number | null,
    before: number,
  ): MaybePromise<number> {
    const length = data.length - start;
    return this.#speed.prompt && before + length <= SHORT_BYTES
      ? writeSync(fd, data, start, length, position)
      : writeAt(fd, data, start, position);
  }

  /** Fills `target` from `offset` on, as far as the file goes. */
  read(fd: number, target: Uint8Array, offset: number): MaybePromise<number> {
    if (!this.#speed.prompt) return readFully(fd, target, offset);
    if (target.length <= SHORT_BYTES) return readAtOnce(fd, target, offset);
    // How much a large target gets is what decides.
    const left = Math.max(0, Math.min(target.length, fstatSync(fd).size - offset));
    const wanted = target.subarray(0, left);
    return left > SHORT_BYTES ? readFully(fd, wanted, offset) : readAtOnce(fd, wanted, offset);
  }
}

async function readFully(fd: number, target: Uint8Array, offset: number): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const count = await readAt(fd, target, filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function readAtOnce(fd: number, target: Uint8Array, offset: number): number {
  let filled = 0;
  while (filled < target.length) {
    const count = readSync(fd, target, filled, target.length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
