import type { OpenFileOptions } from '../../filesystem/open-files/open-file-options.js';
import { DEFAULT_PATTERN } from '../wire/operations.js';

/** Settings of a backend that is served to other processes. */
export interface SftpBackendControllerOptions {
  /**
   * What the message patterns begin with; each backend that one process serves needs its own.
   * @default 'sftp-backend'
   */
  readonly pattern?: string;
  /** Files and listings that all clients together may have open; one more is `EMFILE`. @default 4096 */
  readonly maxHandles?: number;
  /**
   * Milliseconds that a file or a listing stays open without a sign of its client. Then it is aborted, never
   * committed: what a killed SFTP server has left open comes to its end.
   * @default 60000
   */
  readonly leaseTime?: number;
  /** Bytes of a file that one message may carry. @default 262144 (256 KiB) */
  readonly maxChunkBytes?: number;
  /** Milliseconds that a shutdown waits for what is open to be aborted. @default 5000 */
  readonly shutdownTimeout?: number;
  /** Bounds of what is kept for the files of a backend without `openFile`. */
  readonly openFiles?: OpenFileOptions;
}

/** Options that have been checked, with every default filled in. */
export type CheckedControllerOptions = Required<SftpBackendControllerOptions>;

const MAX_TIME = 2 ** 31 - 1;
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/** @throws TypeError naming the option that is wrong */
export function checkedControllerOptions(
  options: SftpBackendControllerOptions,
): CheckedControllerOptions {
  const {
    pattern = DEFAULT_PATTERN,
    maxHandles = 4096,
    leaseTime = 60_000,
    maxChunkBytes = 256 * 1024,
    shutdownTimeout = 5000,
    openFiles = {},
  } = options;
  if (typeof pattern !== 'string' || pattern === '') throw wrong('pattern', 'a text');
  assertWhole('maxHandles', maxHandles, 1, 1_000_000);
  assertWhole('leaseTime', leaseTime, 1000, MAX_TIME);
  assertWhole('maxChunkBytes', maxChunkBytes, 1, MAX_CHUNK_BYTES);
  assertWhole('shutdownTimeout', shutdownTimeout, 0, MAX_TIME);
  return { pattern, maxHandles, leaseTime, maxChunkBytes, shutdownTimeout, openFiles };
}

function assertWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw wrong(name, `a whole number from ${min} to ${max}`);
  }
}

function wrong(name: string, what: string): TypeError {
  return new TypeError(`SftpBackendController: ${name} must be ${what}`);
}
