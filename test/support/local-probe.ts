import { lstat, mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from './fixtures.js';
import { isCode, type StorageProbe, type StoredInfo } from './storage-probe.js';

/** Probes a local directory that some server serves as its root. */
export class LocalProbe implements StorageProbe {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async info(path: string): Promise<StoredInfo | undefined> {
    try {
      const stats = await lstat(join(this.#root, path));
      return {
        type: stats.isFile()
          ? 'regular'
          : stats.isDirectory()
            ? 'directory'
            : stats.isSymbolicLink()
              ? 'symlink'
              : 'other',
        size: stats.size,
        mode: stats.mode & 0o7777,
        uid: stats.uid,
        gid: stats.gid,
        modifiedAt: Math.floor(stats.mtimeMs / 1000),
      };
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async names(path: string): Promise<string[]> {
    return (await readdir(join(this.#root, path))).sort();
  }

  sha256(path: string): Promise<string> {
    return sha256OfFile(join(this.#root, path));
  }

  readLink(path: string): Promise<string> {
    return readlink(join(this.#root, path));
  }

  async makeDir(path: string): Promise<void> {
    await mkdir(join(this.#root, path));
  }

  put(path: string, data: Uint8Array): Promise<void> {
    return writeFile(join(this.#root, path), data);
  }
}
