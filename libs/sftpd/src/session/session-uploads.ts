import type { DirEntry } from '../filesystem/file-info.js';
import { baseName, childPath, parentPath, type SftpPath } from '../filesystem/path.js';
import type { FileHandle } from './file-handle.js';

/**
 * The uploads of one session, on all its channels, that nobody else can see before they are committed. Clients look
 * at a file right after they have begun it, so their own session is shown it.
 */
export class SessionUploads {
  readonly #handles = new Set<FileHandle>();

  /** Remembers an open file, if it is such an upload. */
  add(handle: FileHandle): void {
    if (handle.staged) this.#handles.add(handle);
  }

  delete(handle: FileHandle): void {
    this.#handles.delete(handle);
  }

  /** The newest upload under a name. */
  at(path: SftpPath): FileHandle | undefined {
    let found: FileHandle | undefined;
    for (const handle of this.#handles) {
      if (handle.path === path && handle.staged) found = handle;
    }
    return found;
  }

  /** What a listing of a directory shows of them; an upload that cannot tell its attributes is left out. */
  async entriesOf(directory: SftpPath): Promise<DirEntry[]> {
    const names = new Set<string>();
    for (const { path, staged } of this.#handles) {
      if (staged && parentPath(path) === directory) names.add(baseName(path));
    }
    const entries: DirEntry[] = [];
    for (const name of names) {
      const info = await this.#infoOf(directory, name);
      if (info !== undefined) entries.push({ name, info });
    }
    return entries;
  }

  async #infoOf(directory: SftpPath, name: string): Promise<DirEntry['info'] | undefined> {
    try {
      return await this.at(childPath(directory, name))?.stat();
    } catch {
      // It has ended in the meantime, or failed: what the storage shows is all there is.
      return undefined;
    }
  }
}
