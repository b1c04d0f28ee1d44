import {
  close,
  closeSync,
  fchmod,
  fchown,
  fstat,
  fsync,
  ftruncate,
  futimes,
  open,
  read,
  write,
  type Stats,
} from 'node:fs';
import { promisify } from 'node:util';

import { errorCode } from '../../filesystem/sftp-error.js';

/**
 * Calls on raw descriptors. A `FileHandle` is as fast, but a raw descriptor is closed by us alone: never by
 * a garbage collection, and its number can be named in `/proc/self/fd`.
 */
export const openDescriptor = promisify(open) as (
  path: string,
  flags: number,
  mode?: number,
) => Promise<number>;
export const closeDescriptor = promisify(close);
export const statDescriptor = promisify(fstat) as (fd: number) => Promise<Stats>;
export const syncDescriptor = promisify(fsync);
export const truncateDescriptor = promisify(ftruncate);
export const chmodDescriptor = promisify(fchmod);
export const chownDescriptor = promisify(fchown);
export const setTimesOfDescriptor = promisify(futimes);

/**
 * Closes a descriptor whose closing can neither block nor tell anything new: one that was never written to.
 */
export function dropDescriptor(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Linux has let go of the number even where close(2) reports an error.
  }
}

/** Reads once at `position`; resolves to the number of bytes. */
export function readAt(
  fd: number,
  target: Uint8Array,
  start: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, target, start, target.length - start, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** Writes once at `position`, or where the descriptor stands for `null`; resolves to the number of bytes. */
export function writeAt(
  fd: number,
  data: Uint8Array,
  start: number,
  position: number | null,
): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, data, start, data.length - start, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** Whether `error` carries one of `codes`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = errorCode(error);
  return code !== undefined && codes.includes(code);
}
