import type { Stats } from 'node:fs';
import {
  access,
  constants,
  link,
  lstat,
  mkdir,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
} from 'node:fs/promises';

import type {
  CopyOptions,
  OverwriteOption,
  OwnerIds,
  OwnerNames,
  SftpBackend,
} from '../../filesystem/backend.js';
import type { AttributeChanges, DirEntry, FileInfo, VfsInfo } from '../../filesystem/file-info.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import { isRootPath, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';

import { changeEntry, changeLink } from './attribute-changes.js';
import { ConfinedPath, type Purpose } from './confined-path.js';
import { copyFolderFile } from './copying.js';
import type { DirectoryHandle } from './directory-handle.js';
import { hasCode } from './file-calls.js';
import { fileInfoOfStats } from './file-info-of-stats.js';
import {
  folderSettings,
  type FolderBackendOptions,
  type FolderSettings,
} from './folder-options.js';
import { openRoot } from './folder-root.js';
import { listFolder } from './listing.js';
import { openFolderFile } from './opening.js';
import { OwnerNameBook } from './owner-names.js';
import { StorageCalls } from './storage-calls.js';
import { moveToFreeName } from './take-name.js';
import { sweepDirectory } from './temporary-files.js';
import { decodeUtf8 } from './utf8.js';

/** Directories that are remembered as having been warned of. */
const MAX_WARNED = 1000;

/**
 * Storage in one directory of the machine.
 *
 * Nothing outside of the directory can be reached: not by any path, not by a symbolic link, whoever made it,
 * and, on Linux, not by exchanging a directory for a link in the middle of an operation either. Elsewhere
 * (and on a Linux without `/proc`) links are checked as well, but a race with another program of the machine
 * is not covered. Symbolic links are resolved as if the directory were `/`.
 *
 * What clients make is real: other programs of this machine that follow a client's symbolic link do leave the
 * directory. Set `symlinks: false` when such programs work there.
 *
 * As a provider of a Nest application it opens its directory when the application starts and lets go of it
 * when the application has shut down; without Nest the first call opens it.
 */
export class FolderBackend implements SftpBackend {
  readonly supportsSync = true;
  /** Makes a symbolic link; absent with `symlinks: false`. */
  declare readonly symlink?: (path: SftpPath, target: string) => Promise<void>;
  /** Gives a file a second name; absent with `symlinks: false`. */
  declare readonly hardLink?: (existing: SftpPath, path: SftpPath) => Promise<void>;

  readonly #settings: FolderSettings;
  readonly #calls: StorageCalls;
  readonly #names: OwnerNameBook;
  readonly #warned = new Set<string>();
  #root: Promise<DirectoryHandle> | undefined;
  #closed = false;

  /** @throws TypeError for an option that is missing or wrong; the directory is looked at later */
  constructor(options: FolderBackendOptions) {
    this.#settings = folderSettings(options);
    this.#calls = new StorageCalls(this.#settings.synchronousCalls === 'auto');
    this.#names = new OwnerNameBook(this.#settings.ownerNames);
    if (this.#settings.symlinks) {
      this.symlink = (path, target) => this.#makeSymlink(path, target);
      this.hardLink = (existing, path) => this.#makeHardLink(existing, path);
    }
  }

  /**
   * Opens the directory.
   *
   * @throws Error that names the option `root` when it is missing, no directory, or may not be read
   */
  async onModuleInit(): Promise<void> {
    this.#closed = false;
    await this.#open();
  }

  /** Lets go of the directory, as soon as the last call and the last open file that need it have ended. */
  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    const root = this.#root;
    this.#root = undefined;
    // A directory that could not be opened has told so to whoever asked for it.
    (await root?.catch(() => undefined))?.close();
  }

  async listDir(path: SftpPath): Promise<AsyncIterableIterator<DirEntry>> {
    await this.#names.refresh();
    return this.#with(path, 'use', async (place) => {
      const directory = await openFollowed(place);
      return listFolder(directory, {
        settings: this.#settings,
        names: this.#names.table,
        onUnspeakable: (count) => {
          this.#warnOnce(path, count);
        },
      });
    });
  }

  fileInfo(path: SftpPath): Promise<FileInfo> {
    return this.#with(path, 'use', async (place) => {
      for (;;) {
        const stats = await this.#calls.lstat(place.child);
        if (!stats.isSymbolicLink()) return this.#info(stats);
        await place.followLink();
      }
    });
  }

  linkInfo(path: SftpPath): Promise<FileInfo> {
    return this.#with(path, 'use', async (place) =>
      this.#info(await this.#calls.lstat(place.child)),
    );
  }

  openFile(path: SftpPath, flags: OpenFlags): Promise<OpenFile> {
    return this.#with(path, flags.create ? 'make' : 'use', (place) =>
      openFolderFile(place, flags, this.#settings, {
        names: this.#names.table,
        calls: this.#calls,
        durable: this.#settings.durable,
      }),
    );
  }

  makeDir(path: SftpPath, attributes: AttributeChanges): Promise<void> {
    if (isRootPath(path)) return Promise.reject(new SftpError('EEXIST'));
    const mode = (attributes.mode ?? this.#settings.directoryMode) & 0o777;
    return this.#with(path, 'make', (place) => mkdir(place.child, mode).then(() => undefined));
  }

  delDir(path: SftpPath): Promise<void> {
    if (isRootPath(path)) return Promise.reject(new SftpError('EBUSY'));
    return this.#with(path, 'use', async (place) => {
      try {
        await rmdir(place.child);
      } catch (error) {
        if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
        if (!(await this.#sweep(place))) throw error;
        await rmdir(place.child);
      }
    });
  }

  delete(path: SftpPath): Promise<void> {
    if (isRootPath(path)) return Promise.reject(new SftpError('EISDIR'));
    return this.#with(path, 'use', async (place) => {
      try {
        await unlink(place.child);
      } catch (error) {
        // POSIX says EPERM where Linux says EISDIR.
        if (hasCode(error, 'EPERM') && (await lstat(place.child)).isDirectory()) {
          throw new SftpError('EISDIR', undefined, { cause: error });
        }
        throw error;
      }
    });
  }

  rename(from: SftpPath, to: SftpPath, { overwrite }: OverwriteOption): Promise<void> {
    if (isRootPath(from) || isRootPath(to)) return Promise.reject(new SftpError('EBUSY'));
    return this.#withBoth(from, to, async (source, target) => {
      if (overwrite) await rename(source.child, target.child);
      else await moveToFreeName(source, target);
    });
  }

  setAttributes(path: SftpPath, changes: AttributeChanges): Promise<void> {
    return this.#with(path, 'use', async (place) => {
      const entry = await place.pinFollowed();
      try {
        await changeEntry(entry, changes);
      } finally {
        entry.close();
      }
    });
  }

  setLinkAttributes(path: SftpPath, changes: AttributeChanges): Promise<void> {
    return this.#with(path, 'use', async (place) => {
      const entry = await place.directory.pin(place.name);
      try {
        if (entry.stats.isSymbolicLink()) await changeLink(place.child, entry.stats, changes);
        else await changeEntry(entry, changes);
      } finally {
        entry.close();
      }
    });
  }

  readLink(path: SftpPath): Promise<string> {
    return this.#with(path, 'use', async (place) => {
      const target = decodeUtf8(await readlink(place.child, 'buffer'));
      if (target === undefined) throw new SftpError('EIO', 'The target of the link is not UTF-8');
      return target;
    });
  }

  statVfs(path: SftpPath): Promise<VfsInfo> {
    return this.#with(path, 'use', async (place) => {
      const entry = await place.pinFollowed();
      try {
        const [vfs, readOnly] = await Promise.all([statfs(entry.path), isReadOnly(entry.path)]);
        return {
          blockSize: vfs.bsize,
          totalBlocks: vfs.blocks,
          freeBlocks: vfs.bfree,
          availableBlocks: vfs.bavail,
          totalFiles: vfs.files,
          freeFiles: vfs.ffree,
          readOnly,
        };
      } finally {
        entry.close();
      }
    });
  }

  copy(from: SftpPath, to: SftpPath, options: CopyOptions): Promise<void> {
    if (isRootPath(from) || isRootPath(to)) return Promise.reject(new SftpError('EISDIR'));
    return this.#withBoth(from, to, (source, target) =>
      copyFolderFile(source, target, options, this.#settings),
    );
  }

  async ownerNames(ids: OwnerIds): Promise<OwnerNames> {
    await this.#names.refresh();
    return this.#names.lookUp(ids);
  }

  async #makeSymlink(path: SftpPath, target: string): Promise<void> {
    if (isRootPath(path)) throw new SftpError('EEXIST');
    if (target.includes('\0')) throw new SftpError('EINVAL');
    await this.#with(path, 'make', (place) => symlink(target, place.child));
  }

  async #makeHardLink(existing: SftpPath, path: SftpPath): Promise<void> {
    if (isRootPath(existing)) throw new SftpError('EPERM');
    if (isRootPath(path)) throw new SftpError('EEXIST');
    await this.#withBoth(existing, path, async (source, target) => {
      // Where link(2) follows a symbolic link, it would follow it out of the root.
      if (!source.directory.pinned && !(await lstat(source.child)).isFile()) {
        throw new SftpError('EPERM');
      }
      await link(source.child, target.child);
    });
  }

  /** Whether a directory that was not empty may now be: a client cannot see what is hidden in it. */
  async #sweep(place: ConfinedPath): Promise<boolean> {
    try {
      const directory = await place.directory.openDirectory(place.name);
      try {
        return await sweepDirectory(directory, this.#settings);
      } finally {
        directory.close();
      }
    } catch {
      // It may not be read; that it is not empty is what the client asked about.
      return false;
    }
  }

  #info(stats: Stats): FileInfo {
    return fileInfoOfStats(stats, this.#names.table);
  }

  async #with<T>(
    path: SftpPath,
    purpose: Purpose,
    use: (place: ConfinedPath) => Promise<T>,
  ): Promise<T> {
    const place = await ConfinedPath.resolve(await this.#open(), path, purpose);
    try {
      return await use(place);
    } finally {
      place.close();
    }
  }

  #withBoth<T>(
    from: SftpPath,
    to: SftpPath,
    use: (source: ConfinedPath, target: ConfinedPath) => Promise<T>,
  ): Promise<T> {
    return this.#with(from, 'use', (source) =>
      this.#with(to, 'make', (target) => use(source, target)),
    );
  }

  async #open(): Promise<DirectoryHandle> {
    if (this.#closed) throw new SftpError('EIO', 'The storage is closed');
    this.#root ??= this.#openRoot();
    return this.#root;
  }

  async #openRoot(): Promise<DirectoryHandle> {
    try {
      await this.#names.refresh();
      return await openRoot(this.#settings, this.#calls);
    } catch (error) {
      // The next call tries again: somebody may have made the directory by then.
      this.#root = undefined;
      throw error;
    }
  }

  #warnOnce(path: SftpPath, count: number): void {
    if (this.#warned.has(path) || this.#warned.size >= MAX_WARNED) return;
    this.#warned.add(path);
    this.#settings.log.warn(
      `FolderBackend: ${count} names in ${JSON.stringify(path)} are not UTF-8 and are hidden from clients`,
    );
  }
}

/** Opens the directory that a path names, after all its links. */
async function openFollowed(place: ConfinedPath): Promise<DirectoryHandle> {
  for (;;) {
    // A handle that is held already needs no opening.
    if (place.name === '.') return place.directory.retain();
    try {
      return await place.directory.openDirectory(place.name);
    } catch (error) {
      if (!hasCode(error, 'ENOTDIR', 'ELOOP')) throw error;
      if (!(await lstat(place.child)).isSymbolicLink()) throw error;
    }
    await place.followLink();
  }
}

/** Node's `statfs` leaves out the flags; `access(2)` says `EROFS` to everybody. */
async function isReadOnly(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return hasCode(error, 'EROFS');
  }
}
