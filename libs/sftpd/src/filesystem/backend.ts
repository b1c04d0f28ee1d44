import type { AttributeChanges, DirEntry, FileInfo, VfsInfo } from './file-info.js';
import type { MaybePromise } from './maybe-promise.js';
import type { FileWriter } from './file-writer.js';
import type { OpenFile, OpenFlags } from './open-file.js';
import type { SftpPath } from './path.js';
import type { SftpSession } from './session.js';

/** How {@link SftpBackend.rename} and {@link SftpBackend.copy} treat an existing target. */
export interface OverwriteOption {
  /** `true` replaces an existing target as POSIX `rename` does; `false` fails with `EEXIST`. */
  readonly overwrite: boolean;
}

/** How {@link SftpBackend.copy} copies. */
export interface CopyOptions extends OverwriteOption {
  /** Aborted when nobody waits for the copy any more: a long one then stops, and leaves nothing. */
  readonly signal?: AbortSignal;
}

/** How a file is made by {@link SftpBackend.beginWrite} and {@link SftpBackend.writeFile}. */
export interface NewFileOptions {
  /** Fail with `EEXIST` when anything has the name by the time the file is to appear under it. */
  readonly exclusive: boolean;
  /** Permission bits for a file that is made anew. @default the backend's own */
  readonly mode?: number;
}

/** Numeric owners and groups to be named. */
export interface OwnerIds {
  /** Numbers of users. */
  readonly uids: readonly number[];
  /** Numbers of groups. */
  readonly gids: readonly number[];
}

/** Names in the order of the ids asked for; an empty string where an id has none. */
export interface OwnerNames {
  /** Names for `uids`. */
  readonly users: readonly string[];
  /** Names for `gids`. */
  readonly groups: readonly string[];
}

/**
 * Storage behind an SFTP server.
 *
 * Every method may be synchronous or asynchronous and receives the session as its last argument.
 * Failures are thrown as `SftpError` (a Node `ErrnoException` maps by its code; anything else is `EIO`).
 * Paths are canonical. Path methods follow symbolic links in every segment but the last; what they do
 * with the last is said at each. The methods that may be left out are capabilities: what is not
 * implemented is not advertised to clients and is answered `OP_UNSUPPORTED`.
 *
 * A file's content is reached in one of three ways, of which a backend has at least one for reading:
 * at random (`openFile`), as a stream (`readFileRange`, `beginWrite`) or whole (`readFile`, `writeFile`).
 * For each OPEN the server takes the richest that is there; without a way to write, every file is read-only.
 *
 * No method may keep a buffer it was handed after its promise has settled.
 */
export interface SftpBackend {
  /**
   * `true` when every file that {@link openFile} returns has `sync` (`fsync@openssh.com`).
   * @default false
   */
  readonly supportsSync?: boolean;

  /**
   * The attributes that stand for a directory's own (`.`) and its parent's (`..`) in a listing, for a storage where
   * {@link fileInfo} costs more than they are worth. {@link listDir} alone then tells whether the directory is there:
   * it must throw before it returns.
   * @default what {@link fileInfo} tells of both
   */
  readonly listedDirectoryInfo?: FileInfo;

  /**
   * Refuses a session that this storage cannot serve. Asked for each session once, before its first request; its
   * channels are closed when this throws.
   *
   * @throws SftpError `EACCES`, or whatever else the server's log should tell
   */
  admitSession?(session: SftpSession): MaybePromise<void>;

  /**
   * The entries of a directory with their attributes (OPENDIR, READDIR). An async iterable is read page by
   * page as the client asks, and its `return()` is called when the client stops early.
   *
   * @throws `ENOENT`, `ENOTDIR`, `EACCES`; at the call or from the first `next()`
   */
  listDir(
    path: SftpPath,
    session: SftpSession,
  ): MaybePromise<Iterable<DirEntry> | AsyncIterable<DirEntry>>;

  /**
   * Attributes of what the path names, following a final symbolic link (STAT).
   *
   * @throws `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`
   */
  fileInfo(path: SftpPath, session: SftpSession): MaybePromise<FileInfo>;

  /**
   * Attributes of a symbolic link itself (LSTAT). Left out, {@link fileInfo} answers: right for a storage
   * without links.
   */
  linkInfo?(path: SftpPath, session: SftpSession): MaybePromise<FileInfo>;

  /**
   * Opens a regular file for reads and writes at any offset (OPEN), following a final symbolic link: the
   * richest way to a file's content, which makes all the others below unnecessary. A storage that stages
   * uploads may find only at `close` that an `exclusive` name is taken.
   *
   * @throws `ENOENT`, `EEXIST` (`exclusive`), `EISDIR`, `ENOTDIR`, `EACCES`, `EROFS`, `ENOSPC`
   */
  openFile?(path: SftpPath, flags: OpenFlags, session: SftpSession): MaybePromise<OpenFile>;

  /**
   * Reads a part of a file (OPEN for reading, then READ). The server reads ahead for clients that read in order.
   *
   * @param offset bytes from the start of the file
   * @param length bytes wanted, at least 1
   * @returns the bytes; fewer than `length` only at the end of the file, none at or past it. They belong to
   * the server from then on.
   * @throws `ENOENT`, `EISDIR`, `ENOTDIR`, `EACCES`
   */
  readFileRange?(
    path: SftpPath,
    offset: number,
    length: number,
    session: SftpSession,
  ): MaybePromise<Uint8Array>;

  /**
   * Starts to write a file from its first byte to its last; it appears under its name, whole, when its writer
   * has finished (OPEN for writing, WRITE, CLOSE). An existing file is replaced then.
   *
   * @throws `EEXIST` (`exclusive`), `EISDIR`, `ENOENT` (no parent), `ENOTDIR`, `EACCES`, `EROFS`, `ENOSPC`
   */
  beginWrite?(
    path: SftpPath,
    options: NewFileOptions,
    session: SftpSession,
  ): MaybePromise<FileWriter>;

  /**
   * Reads a whole file. It is called once for each OPEN, and only for files within the server's limit.
   *
   * @returns the content; it belongs to the server from then on
   * @throws `ENOENT`, `EISDIR`, `ENOTDIR`, `EACCES`
   */
  readFile?(path: SftpPath, session: SftpSession): MaybePromise<Uint8Array>;

  /**
   * Writes a whole file, whole or not at all: what CLOSE of an upload hands over. An existing file is replaced.
   *
   * @param content at most as long as the server's limit; valid only until the returned promise settles
   * @throws `EEXIST` (`exclusive`), `EISDIR`, `ENOENT` (no parent), `ENOTDIR`, `EACCES`, `EROFS`, `ENOSPC`
   */
  writeFile?(
    path: SftpPath,
    content: Uint8Array,
    options: NewFileOptions,
    session: SftpSession,
  ): MaybePromise<void>;

  /**
   * Makes one directory (MKDIR).
   *
   * @param attributes what the client wishes; a backend may ignore what it cannot do
   * @throws `EEXIST` (whatever is there), `ENOENT` (no parent), `ENOTDIR`, `EACCES`, `EROFS`, `ENOSPC`
   */
  makeDir(path: SftpPath, attributes: AttributeChanges, session: SftpSession): MaybePromise<void>;

  /**
   * Removes one empty directory (RMDIR).
   *
   * @throws `ENOENT`, `ENOTDIR`, `ENOTEMPTY`, `EBUSY` (the root), `EACCES`, `EROFS`
   */
  delDir(path: SftpPath, session: SftpSession): MaybePromise<void>;

  /**
   * Removes a file or a symbolic link, not its target (REMOVE).
   *
   * @throws `ENOENT`, `EISDIR`, `EACCES`, `EROFS`
   */
  delete(path: SftpPath, session: SftpSession): MaybePromise<void>;

  /**
   * Renames a file, a link or a directory with all it holds (RENAME, `posix-rename@openssh.com`).
   * With `overwrite` it does what POSIX `rename` does, atomically where the storage can.
   *
   * @throws `ENOENT`, `EEXIST` (target exists, no `overwrite`), `ENOTEMPTY`, `EISDIR`, `ENOTDIR`,
   * `EINVAL` (into itself), `EXDEV`, `EBUSY` (the root), `EACCES`, `EROFS`
   */
  rename(
    from: SftpPath,
    to: SftpPath,
    options: OverwriteOption,
    session: SftpSession,
  ): MaybePromise<void>;

  /**
   * Sets attributes, following a final symbolic link (SETSTAT).
   *
   * @throws `ENOENT`, `EPERM`, `EACCES`, `EROFS`, `ENOTSUP` for an attribute that the storage has not
   */
  setAttributes?(
    path: SftpPath,
    changes: AttributeChanges,
    session: SftpSession,
  ): MaybePromise<void>;

  /** Sets attributes of a symbolic link itself (`lsetstat@openssh.com`). */
  setLinkAttributes?(
    path: SftpPath,
    changes: AttributeChanges,
    session: SftpSession,
  ): MaybePromise<void>;

  /**
   * Makes a symbolic link (SYMLINK). Its target is kept as the client wrote it and need not exist;
   * when followed, an absolute target starts at the root of this backend.
   *
   * @throws `EEXIST`, `ENOENT`, `ENOTDIR`, `EACCES`, `EROFS`, `ENOSPC`
   */
  symlink?(path: SftpPath, target: string, session: SftpSession): MaybePromise<void>;

  /**
   * The target of a symbolic link as it was written (READLINK).
   *
   * @throws `ENOENT`, `EINVAL` when it is not a link
   */
  readLink?(path: SftpPath, session: SftpSession): MaybePromise<string>;

  /**
   * Gives a file a second name (`hardlink@openssh.com`). A final symbolic link is not followed, as with
   * Linux's `link`.
   *
   * @throws `ENOENT`, `EEXIST`, `EPERM` (a directory), `EMLINK`, `EXDEV`, `EACCES`, `EROFS`
   */
  hardLink?(existing: SftpPath, path: SftpPath, session: SftpSession): MaybePromise<void>;

  /** Space and inodes of the file system at a path (`statvfs@openssh.com`, `fstatvfs@openssh.com`). */
  statVfs?(path: SftpPath, session: SftpSession): MaybePromise<VfsInfo>;

  /**
   * Copies one regular file inside the storage, content and permission bits (`copy-file`). A final symbolic
   * link is followed at `from` and replaced at `to`. The target appears whole or not at all.
   *
   * @throws `ENOENT`, `EEXIST` (no `overwrite`), `EISDIR`, `EACCES`, `EROFS`, `ENOSPC`
   */
  copy?(
    from: SftpPath,
    to: SftpPath,
    options: CopyOptions,
    session: SftpSession,
  ): MaybePromise<void>;

  /** Names of numeric owners and groups (`users-groups-by-id@openssh.com`). */
  ownerNames?(ids: OwnerIds, session: SftpSession): MaybePromise<OwnerNames>;
}

/** The ways to a file's content that nobody needs whose files are open at random. */
export type SequentialContent = 'readFileRange' | 'beginWrite' | 'readFile' | 'writeFile';

/** What a backend tells the server that it belongs to: trees made of backends have none of it. */
export type OfTheServer = 'listedDirectoryInfo' | 'admitSession';

/** A backend whose files are open at random: what a session works on, whatever the backend itself can do. */
export type RandomAccessBackend = SftpBackend & Required<Pick<SftpBackend, 'openFile'>>;
