/** Bounds of what the server keeps for open files whose backend has no random access. */
export interface OpenFileOptions {
  /** Directory of the private temporary files. @default the operating system's */
  readonly temporaryDirectory?: string;
  /** The longest file that is handed over or taken whole (`writeFile`, `readFile`), in bytes. @default 67108864 (64 MiB) */
  readonly maxWholeFileBytes?: number;
  /** All temporary files of the server together, in bytes. @default 17179869184 (16 GiB) */
  readonly maxTemporaryBytes?: number;
  /** What one upload may hold in memory of what has come before its turn, in bytes. @default 1048576 (1 MiB) */
  readonly maxReassemblyBytes?: number;
  /** What one download may hold in memory of what has been read ahead, in bytes. @default 1048576 (1 MiB) */
  readonly maxReadAheadBytes?: number;
}
