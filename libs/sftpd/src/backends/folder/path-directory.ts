import { constants, type Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

import { SftpError } from '../../filesystem/sftp-error.js';

import type { DirectoryHandle, PinnedEntry } from './directory-handle.js';
import {
  closeDescriptor,
  openDescriptor,
  statDescriptor,
  truncateDescriptor,
} from './file-calls.js';
import { isNameOnWindows } from './windows-names.js';

// Windows has neither flag, and Node leaves them undefined there.
const CAREFULLY =
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0) |
  ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/**
 * A directory held by its path, where the system has no `/proc/self/fd`. Each step down is checked with
 * `lstat` and `realpath`, so no symbolic link leads outside; but between the check and the use another
 * program of this machine can swap a directory for a link, and that is not noticed.
 */
export class PathDirectory implements DirectoryHandle {
  readonly pinned = false;
  readonly #root: string;

  /**
   * @param self real path of this directory
   * @param root real path of the root; the same as `self` for the root
   */
  constructor(
    readonly self: string,
    root: string = self,
  ) {
    this.#root = root;
  }

  child(name: string): string {
    if (name === '.') return this.self;
    if (process.platform === 'win32' && !isNameOnWindows(name)) {
      throw new SftpError('EINVAL', 'Not a name that a file can have here');
    }
    return path.join(this.self, name);
  }

  async openDirectory(name: string): Promise<DirectoryHandle> {
    const child = this.child(name);
    const stats = await lstat(child);
    if (!stats.isDirectory()) throw new SftpError('ENOTDIR');
    const real = await realpath(child);
    const inside = path.relative(this.#root, real);
    if (inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside)) {
      throw new SftpError('EACCES');
    }
    return new PathDirectory(real, this.#root);
  }

  async pin(name: string): Promise<PinnedEntry> {
    const child = this.child(name);
    return new PinnedPath(child, await lstat(child));
  }

  retain(): this {
    return this;
  }

  close(): void {
    // A path holds nothing.
  }
}

class PinnedPath implements PinnedEntry {
  constructor(
    readonly path: string,
    readonly stats: Stats,
  ) {}

  async open(flags: number): Promise<number> {
    // O_TRUNC would act before the check below.
    const fd = await openDescriptor(this.path, (flags & ~constants.O_TRUNC) | CAREFULLY);
    try {
      const opened = await statDescriptor(fd);
      if (opened.ino !== this.stats.ino || opened.dev !== this.stats.dev) {
        throw new SftpError('EAGAIN', 'The file was replaced while it was being opened');
      }
      if ((flags & constants.O_TRUNC) !== 0) await truncateDescriptor(fd, 0);
      return fd;
    } catch (error) {
      await closeDescriptor(fd);
      throw error;
    }
  }

  close(): void {
    // A path holds nothing.
  }
}
