import type { DirEntry, FileInfo, VfsInfo } from '../file-info.js';
import { childPath, type SftpPath } from '../path.js';
import type { SftpSession } from '../session.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import type { Place } from './mount.js';
import type { MountTable } from './mount-table.js';
import { valueInTime } from './value-in-time.js';

/** What a directory that no backend has says of its file system. */
const NOTHING_THERE: VfsInfo = {
  blockSize: 4096,
  totalBlocks: 0,
  freeBlocks: 0,
  availableBlocks: 0,
  totalFiles: 0,
  freeFiles: 0,
  readOnly: true,
};

/**
 * Mount points and the directories on the way to them. One on the way is *virtual* when no backend has a directory
 * there: it holds the way on and nothing else, and is read-only.
 */
export class FixedDirectories {
  readonly #table: MountTable;
  readonly #lookupTimeout: number;
  readonly #madeAt = new Date();

  /** @param lookupTimeout milliseconds that a backend may take to tell the attributes of its directory */
  constructor(table: MountTable, lookupTimeout: number) {
    this.#table = table;
    this.#lookupTimeout = lookupTimeout;
  }

  /**
   * Attributes of a fixed path: those of the directory that a backend has there, or defaults when it
   * fails or takes too long. Never rejects.
   */
  async info(path: SftpPath, session: SftpSession): Promise<FileInfo> {
    const place = this.#table.find(path);
    const own =
      place &&
      (await valueInTime(
        () => place.mount.backend.fileInfo(place.path, session),
        this.#lookupTimeout,
      ));
    if (own?.type === 'directory') return own;
    const mode = this.#table.isMountPoint(path) ? 0o755 : 0o555;
    return { type: 'directory', size: 0, mode, modifiedAt: this.#madeAt };
  }

  /** The fixed entries of a directory, asked for all at once. Never rejects. */
  entries(directory: SftpPath, session: SftpSession): Promise<DirEntry[]> {
    const names = [...this.#table.fixedNames(directory)];
    return Promise.all(
      names.map(async (name) => ({
        name,
        info: await this.info(childPath(directory, name), session),
      })),
    );
  }

  /** @throws SftpError what the backend fails with, unless it says that nothing is there */
  async isVirtual(path: SftpPath, session: SftpSession): Promise<boolean> {
    if (!this.#table.leadsOn(path) || this.#table.isMountPoint(path)) return false;
    const place = this.#table.find(path);
    return place === undefined || !(await isDirectory(place, session));
  }

  /** What the backend at a fixed path lists, if it has the directory. */
  async ownEntries(
    path: SftpPath,
    session: SftpSession,
  ): Promise<Iterable<DirEntry> | AsyncIterable<DirEntry>> {
    const place = this.#table.find(path);
    if (place === undefined || !(await isDirectory(place, session))) return [];
    return place.mount.backend.listDir(place.path, session);
  }

  /** What `statvfs` says of a virtual directory. */
  get vfsInfo(): VfsInfo {
    return NOTHING_THERE;
  }

  /**
   * Does what makes something in a directory.
   *
   * @throws SftpError `EROFS` when the directory is virtual, and what `make` throws
   */
  async inDirectory<T>(
    directory: SftpPath,
    session: SftpSession,
    make: () => T | PromiseLike<T>,
  ): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (!saysNothingThere(error) || !(await this.isVirtual(directory, session))) throw error;
      throw new SftpError('EROFS', undefined, { cause: error });
    }
  }
}

async function isDirectory({ mount, path }: Place, session: SftpSession): Promise<boolean> {
  try {
    const info = await mount.backend.fileInfo(path, session);
    return info.type === 'directory';
  } catch (error) {
    if (saysNothingThere(error)) return false;
    throw error;
  }
}

function saysNothingThere(error: unknown): boolean {
  const { code } = toSftpError(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
