import { tmpdir } from 'node:os';

/** What happens to a WRITE into bytes that have been handed to a backend's writer already. */
export type Rewrites = 'refuse' | 'spool';

/** Bounds of what the server keeps for open files whose backend has no random access. */
export interface OpenFileOptions {
  /** Directory of the private temporary files. @default the operating system's */
  readonly temporaryDirectory?: string;
  /** The longest file that is handed over or taken whole (`writeFile`, `readFile`), in bytes. @default 67108864 (64 MiB) */
  readonly maxWholeFileBytes?: number;
  /**
   * Memory for all files together that are being handed over or taken whole, in bytes; who finds none left waits
   * for its turn. A single file always gets its turn, also when it is longer; a call that the backend never settles
   * keeps its share.
   * @default four times `maxWholeFileBytes`
   */
  readonly maxWholeFileMemoryBytes?: number;
  /**
   * All temporary files of the server together, in bytes; beyond it a WRITE is `ENOSPC`. Holes of sparse files do
   * not count, so it is also the longest file that an upload through a temporary file may make, and how far a
   * WRITE of a streamed upload may be ahead of what its backend has: beyond these, `EFBIG`.
   * @default 17179869184 (16 GiB)
   */
  readonly maxTemporaryBytes?: number;
  /**
   * What one upload may hold in memory of what has come before its turn, in bytes; the rest waits in a temporary
   * file.
   * @default 1048576 (1 MiB)
   */
  readonly maxReassemblyBytes?: number;
  /** What one download may hold in memory of what has been read ahead, in bytes; 0 reads nothing ahead. @default 1048576 (1 MiB) */
  readonly maxReadAheadBytes?: number;
  /**
   * What a client may do to bytes of its upload that a streaming backend (`beginWrite`) has taken already.
   * `refuse` streams every upload as it comes, and a WRITE into what is gone fails; `spool` gathers every upload in
   * a temporary file and streams it at CLOSE, so that clients may write in any way they like.
   * @default 'refuse'
   */
  readonly rewrites?: Rewrites;
}

/** The options with every default filled in. */
export type OpenFileBounds = Required<OpenFileOptions>;

const MIB = 1024 * 1024;

const LEAST = {
  maxWholeFileBytes: 1,
  maxWholeFileMemoryBytes: 1,
  maxTemporaryBytes: 0,
  maxReassemblyBytes: 0,
  maxReadAheadBytes: 0,
} as const;

/**
 * Fills in the defaults.
 *
 * @throws TypeError naming the option that is wrong
 */
export function boundsOf(options: OpenFileOptions): OpenFileBounds {
  const { maxWholeFileBytes = 64 * MIB } = options;
  const bounds = {
    temporaryDirectory: options.temporaryDirectory ?? tmpdir(),
    maxWholeFileBytes,
    maxWholeFileMemoryBytes:
      options.maxWholeFileMemoryBytes ?? Math.min(4 * maxWholeFileBytes, Number.MAX_SAFE_INTEGER),
    maxTemporaryBytes: options.maxTemporaryBytes ?? 16 * 1024 * MIB,
    maxReassemblyBytes: options.maxReassemblyBytes ?? MIB,
    maxReadAheadBytes: options.maxReadAheadBytes ?? MIB,
    rewrites: options.rewrites ?? 'refuse',
  };
  for (const name of Object.keys(LEAST) as (keyof typeof LEAST)[]) {
    if (!Number.isSafeInteger(bounds[name]) || bounds[name] < LEAST[name]) {
      throw new TypeError(`${name}: must be a whole number, at least ${LEAST[name]}`);
    }
  }
  if (!['refuse', 'spool'].includes(bounds.rewrites)) {
    throw new TypeError("rewrites: must be 'refuse' or 'spool'");
  }
  return bounds;
}
