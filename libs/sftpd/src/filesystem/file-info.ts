/** What kind of thing a path names. */
export type FileType =
  'regular' | 'directory' | 'symlink' | 'block-device' | 'character-device' | 'fifo' | 'socket';

/** What a backend tells of a file. */
export interface FileInfo {
  /** What it is. */
  readonly type: FileType;
  /** Bytes; an integer up to `Number.MAX_SAFE_INTEGER`. */
  readonly size: number;
  /**
   * The permission bits, `0o0000` to `0o7777`, without the file type.
   * @default 0o755 for a directory, 0o777 for a symbolic link, 0o644 for anything else
   */
  readonly mode?: number;
  /** @default 0 */
  readonly uid?: number;
  /** @default 0 */
  readonly gid?: number;
  /** Owner's name for listings. @default the number */
  readonly owner?: string;
  /** Group's name for listings. @default the number */
  readonly group?: string;
  /** Number of hard links. @default 1 */
  readonly links?: number;
  /** @default modifiedAt */
  readonly accessedAt?: Date;
  /** Time of the last change of the content. Left out, a client sees no time. */
  readonly modifiedAt?: Date;
}

/** An entry of a directory: its name and its attributes, those of a link itself and not of its target. */
export interface DirEntry {
  /** One path segment; never `.` or `..`, which are the server's business. */
  readonly name: string;
  /** Its attributes. */
  readonly info: FileInfo;
}

/** Attributes to set; those left out stay as they are. */
export interface AttributeChanges {
  /** New size in bytes: truncates, or extends with zeros. */
  readonly size?: number;
  /** Permission bits, `0o0000` to `0o7777`. */
  readonly mode?: number;
  /** Owner and group are always given together, as SFTP version 3 does. */
  readonly uid?: number;
  /** Given together with `uid`. */
  readonly gid?: number;
  /** Given together with `modifiedAt`, as SFTP version 3 does. */
  readonly accessedAt?: Date;
  /** Given together with `accessedAt`. */
  readonly modifiedAt?: Date;
}

/** What is known of the file system that holds a path (`statvfs(3)`). */
export interface VfsInfo {
  /** Bytes per block, the unit of the block counts. */
  readonly blockSize: number;
  /** Blocks of the file system. */
  readonly totalBlocks: number;
  /** Free blocks. */
  readonly freeBlocks: number;
  /** Free blocks for an unprivileged user. */
  readonly availableBlocks: number;
  /** Files that it can hold. */
  readonly totalFiles: number;
  /** Files that can still be made. */
  readonly freeFiles: number;
  /** Whether nothing can be changed. @default false */
  readonly readOnly?: boolean;
  /** Longest name of an entry, in bytes. @default 255 */
  readonly maxNameLength?: number;
}
