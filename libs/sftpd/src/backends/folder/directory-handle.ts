import type { Stats } from 'node:fs';

import type { MaybePromise } from '../../filesystem/maybe-promise.js';

/**
 * One directory inside the root, held so that its children can be named without resolving its path again.
 *
 * Handles are counted: {@link retain} adds a user, {@link close} takes one away, the last one frees it. A
 * path that a handle gave is good only while the handle is held.
 */
export interface DirectoryHandle {
  /** Host path of the directory itself, for calls that follow it (`opendir`, `fsync`). */
  readonly self: string;

  /**
   * Whether a name is looked up in the directory itself, so that nothing that is moved or swapped above it
   * can change what is meant.
   */
  readonly pinned: boolean;

  /**
   * Host path of an entry, only for calls that do **not** follow a final symbolic link.
   *
   * @param name an entry's name, or `.` for the directory itself
   * @throws SftpError `EINVAL` for a name that this platform would read as something else
   */
  child(name: string): string;

  /**
   * Opens a directory in this one, not following a symbolic link.
   *
   * @throws `ENOTDIR` or `ELOOP` when the name is a symbolic link or no directory
   */
  openDirectory(name: string): Promise<DirectoryHandle>;

  /** Takes hold of whatever has this name, be it a symbolic link, without opening its content. */
  pin(name: string): Promise<PinnedEntry>;

  retain(): this;
  close(): void;
}

/** A thing of the file system whose type is known and that can now be acted on without a race. */
export interface PinnedEntry {
  readonly stats: Stats;
  /** Host path of the thing, for calls that follow (`chmod`, `utimes`, `truncate`). */
  readonly path: string;

  /**
   * Opens the thing itself. Only for regular files: to open a FIFO or a device can block or have effects.
   *
   * @param flags of `open(2)`, without `O_CREAT`
   */
  open(flags: number): MaybePromise<number>;
  close(): void;
}
