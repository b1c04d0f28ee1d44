/** Settings of a {@link MemoryBackend}. */
export interface MemoryBackendOptions {
  /**
   * Bytes that the contents of all files together may take; beyond it writes fail with `ENOSPC`. Names and
   * attributes are not counted (some hundred bytes for each file).
   *
   * Without it the process' memory is the only limit, so give one wherever a client is not trusted.
   * @default Infinity
   */
  readonly maxBytes?: number;
  /**
   * Names that all directories together may hold (files, directories and links); beyond it nothing can be made
   * and the client is told `ENOSPC`. Each takes some hundred bytes, which `maxBytes` does not count.
   * @default 1000000
   */
  readonly maxFiles?: number;
  /** Numeric owner of what clients make. @default 0 */
  readonly uid?: number;
  /** Numeric group of what clients make. @default 0 */
  readonly gid?: number;
  /** Name of the owner `uid`, for listings. @default none: clients see the number */
  readonly owner?: string;
  /** Name of the group `gid`, for listings. @default none: clients see the number */
  readonly group?: string;
}

/** Who owns what clients make, and what that owner is called. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly owner: string | undefined;
  readonly group: string | undefined;
}

const DEFAULT_MAX_FILES = 1_000_000;
const MAX_ID = 0xffff_ffff;

/**
 * The limit of `maxBytes`.
 *
 * @throws TypeError when it is not a number of bytes
 */
export function checkedMaxBytes({ maxBytes = Infinity }: MemoryBackendOptions): number {
  if (maxBytes !== Infinity && !(Number.isSafeInteger(maxBytes) && maxBytes >= 0)) {
    throw new TypeError(
      `MemoryBackend: maxBytes must be a whole number of bytes or Infinity, not ${String(maxBytes)}`,
    );
  }
  return maxBytes;
}

/**
 * The limit of `maxFiles`.
 *
 * @throws TypeError when it is not a number of names
 */
export function checkedMaxFiles({ maxFiles = DEFAULT_MAX_FILES }: MemoryBackendOptions): number {
  if (!Number.isSafeInteger(maxFiles) || maxFiles < 0) {
    throw new TypeError(
      `MemoryBackend: maxFiles must be a whole number from 0 up, not ${String(maxFiles)}`,
    );
  }
  return maxFiles;
}

/**
 * The owner that options name.
 *
 * @throws TypeError naming the option that is wrong
 */
export function checkedOwnership(options: MemoryBackendOptions): Ownership {
  return {
    uid: checkedId('uid', options.uid),
    gid: checkedId('gid', options.gid),
    owner: checkedName('owner', options.owner),
    group: checkedName('group', options.group),
  };
}

function checkedId(option: string, value = 0): number {
  if (!Number.isInteger(value) || value < 0 || value > MAX_ID) {
    throw new TypeError(
      `MemoryBackend: ${option} must be a whole number from 0 to ${MAX_ID}, not ${String(value)}`,
    );
  }
  return value;
}

// A space or a line break would shift the columns of a listing that clients take apart.
function checkedName(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[^\s\p{Cc}]+$/u.test(value)) {
    throw new TypeError(`MemoryBackend: ${option} must be a name without spaces`);
  }
  return value;
}
