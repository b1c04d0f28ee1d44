import { rename, unlink } from 'node:fs/promises';

import { SftpError } from '../../filesystem/sftp-error.js';

import type { DirectoryHandle } from './directory-handle.js';
import { hasCode } from './file-calls.js';
import { moveToFreeName, syncDirectory, type Place } from './take-name.js';
import { newTemporaryName, releaseTemporaryName } from './temporary-files.js';

/**
 * A hidden name beside a final one: what is written under it appears under the final name whole, or not at
 * all. Exactly one of {@link commit} and {@link discard} is to be called; both close the directory.
 */
export class TemporaryPlace implements Place {
  readonly name = newTemporaryName();
  readonly directory: DirectoryHandle;
  readonly #finalName: string;

  /**
   * @param directory that holds both names; this object closes it
   * @param finalName the name to take at the commit
   */
  constructor(directory: DirectoryHandle, finalName: string) {
    this.directory = directory;
    this.#finalName = finalName;
  }

  get child(): string {
    return this.directory.child(this.name);
  }

  /**
   * Gives the file its final name.
   *
   * @param options `overwrite` replaces what has the name, `durable` forces the new name to the disk
   * @throws `EEXIST` without `overwrite`, `EISDIR`, `ENOENT` when the directory is gone; nothing stays then
   */
  async commit(options: { readonly overwrite: boolean; readonly durable: boolean }): Promise<void> {
    const final: Place = {
      directory: this.directory,
      name: this.#finalName,
      child: this.directory.child(this.#finalName),
    };
    try {
      if (options.overwrite) await rename(this.child, final.child);
      else await moveToFreeName(this, final);
      if (options.durable) await syncDirectory(this.directory);
    } catch (error) {
      await this.discard().catch(() => undefined);
      if (hasCode(error, 'ENOENT')) {
        throw new SftpError('ENOENT', 'The directory of the file is gone', { cause: error });
      }
      throw error;
    }
    this.#release();
  }

  /** Removes the file, if there is one. */
  async discard(): Promise<void> {
    try {
      await unlink(this.child);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    } finally {
      this.#release();
    }
  }

  #release(): void {
    releaseTemporaryName(this.name);
    this.directory.close();
  }
}
