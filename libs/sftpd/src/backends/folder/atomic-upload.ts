import { constants, type Stats } from 'node:fs';

import type { AttributeChanges, FileInfo } from '../../filesystem/file-info.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { isReadable, type OpenFile, type OpenFlags } from '../../filesystem/open-file.js';

import type { DirectoryHandle } from './directory-handle.js';
import { chmodDescriptor, chownDescriptor, hasCode, openDescriptor } from './file-calls.js';
import { FolderFile, type FolderFileContext } from './folder-file.js';
import { TemporaryPlace } from './temporary-place.js';

/** What an atomic upload is to become. */
export interface UploadTarget {
  /** Directory of the file; the upload closes it. */
  readonly directory: DirectoryHandle;
  readonly name: string;
  /** Permission bits for a new file, less the umask. */
  readonly mode: number;
  /** The file to be replaced, whose owner and permission bits go over to the new one. */
  readonly replaces?: Stats;
}

/**
 * An upload that nobody sees before its {@link close}, which puts it in the place of what was there; an
 * {@link abort} leaves everything as it was.
 */
export class AtomicUpload implements OpenFile {
  readonly staged = true;

  readonly #file: FolderFile;
  readonly #place: TemporaryPlace;
  readonly #commit: { readonly overwrite: boolean; readonly durable: boolean };

  private constructor(
    file: FolderFile,
    place: TemporaryPlace,
    commit: { readonly overwrite: boolean; readonly durable: boolean },
  ) {
    this.#file = file;
    this.#place = place;
    this.#commit = commit;
  }

  /**
   * Makes the temporary file beside the target.
   *
   * @throws `EACCES`, `EROFS`, `ENOSPC`, `ENOENT`; nothing stays then
   */
  static async begin(
    target: UploadTarget,
    flags: OpenFlags,
    context: FolderFileContext,
  ): Promise<AtomicUpload> {
    const place = new TemporaryPlace(target.directory, target.name);
    try {
      const fd = await openDescriptor(
        place.child,
        (isReadable(flags) ? constants.O_RDWR : constants.O_WRONLY) |
          (flags.append ? constants.O_APPEND : 0) |
          constants.O_CREAT |
          constants.O_EXCL |
          constants.O_NOFOLLOW,
        target.replaces === undefined ? target.mode : target.replaces.mode & 0o777,
      );
      const file = new FolderFile(fd, flags, context);
      try {
        if (target.replaces !== undefined) await inherit(fd, target.replaces);
      } catch (error) {
        await file.abort();
        throw error;
      }
      const overwrite = !(flags.create && flags.exclusive);
      return new AtomicUpload(file, place, { overwrite, durable: context.durable });
    } catch (error) {
      await place.discard().catch(() => undefined);
      throw error;
    }
  }

  read(target: Uint8Array, offset: number): MaybePromise<number> {
    return this.#file.read(target, offset);
  }

  write(data: Uint8Array, offset: number): Promise<void> {
    return this.#file.write(data, offset);
  }

  stat(): Promise<FileInfo> {
    return this.#file.stat();
  }

  setAttributes(changes: AttributeChanges): Promise<void> {
    return this.#file.setAttributes(changes);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  async close(): Promise<void> {
    try {
      await this.#file.close();
    } catch (error) {
      await this.#place.discard().catch(() => undefined);
      throw error;
    }
    await this.#place.commit(this.#commit);
  }

  async abort(): Promise<void> {
    await this.#file.abort();
    await this.#place.discard();
  }
}

/** Gives the new file the owner, as far as this process may, and the permission bits of the old. */
async function inherit(fd: number, old: Stats): Promise<void> {
  try {
    await chownDescriptor(fd, old.uid, old.gid);
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'EINVAL', 'ENOTSUP', 'ENOSYS')) throw error;
  }
  await chmodDescriptor(fd, old.mode & 0o777);
}
