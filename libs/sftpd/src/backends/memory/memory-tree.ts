import { pathSegments, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { type DirectoryNode, type FileNode, type MemoryNode, touch } from './node.js';

/** Symbolic links that one path may lead through, as on Linux. */
export const MAX_LINKS_FOLLOWED = 40;

/** Longest name of a directory entry in bytes of UTF-8, as on Linux. */
export const MAX_NAME_BYTES = 255;

/** Where a path ends. */
export interface Location {
  readonly directory: DirectoryNode;
  /** Empty when the path ends at a directory that was reached otherwise than by its name, as the root is. */
  readonly name: string;
  /** `undefined` when the directory has no such entry. */
  readonly node: MemoryNode | undefined;
}

/** A {@link Location} with something there. */
export interface FoundLocation extends Location {
  readonly node: MemoryNode;
}

/** Directories and the entries in them; everything else is in the inodes. */
export class MemoryTree {
  #names = 0;

  /** @param maxNames how many entries all directories together may have */
  constructor(
    readonly root: DirectoryNode,
    readonly maxNames: number,
  ) {}

  /** Entries that there are in all directories together. */
  get nameCount(): number {
    return this.#names;
  }

  /** @throws SftpError `ENOSPC` when there may be no more names */
  assertRoom(): void {
    if (this.#names >= this.maxNames) throw new SftpError('ENOSPC');
  }

  /**
   * Walks a path; the last segment need not be there.
   *
   * @param followLast whether a symbolic link in the last segment is followed
   * @throws SftpError `ENOENT`, `ENOTDIR`, `ELOOP`, `ENAMETOOLONG`
   */
  locate(path: SftpPath, followLast: boolean): Location {
    const pending = pathSegments(path).reverse();
    let here: Location = atDirectory(this.root);
    let followed = 0;
    for (let segment = pending.pop(); segment !== undefined; segment = pending.pop()) {
      const directory = here.node;
      if (directory === undefined) throw new SftpError('ENOENT');
      if (directory.type !== 'directory') throw new SftpError('ENOTDIR');
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        // The root has no parent: `..` cannot leave the tree.
        here = atDirectory(directory.parent ?? directory);
        continue;
      }
      checkNameLength(segment);
      const node = directory.entries.get(segment);
      if (node?.type !== 'symlink' || !(followLast || pending.length > 0)) {
        here = { directory, name: segment, node };
        continue;
      }
      followed += 1;
      if (followed > MAX_LINKS_FOLLOWED) throw new SftpError('ELOOP');
      here = atDirectory(node.target.startsWith('/') ? this.root : directory);
      pending.push(...node.target.split('/').reverse());
    }
    return here;
  }

  /**
   * Walks a path to something that is there.
   *
   * @throws SftpError as {@link locate}
   */
  find(path: SftpPath, followLast: boolean): FoundLocation {
    const { directory, name, node } = this.locate(path, followLast);
    if (node === undefined) throw new SftpError('ENOENT');
    return { directory, name, node };
  }

  /**
   * Adds an entry where there is none.
   *
   * @throws SftpError `ENOSPC` when there may be no more names
   */
  link(directory: DirectoryNode, name: string, node: MemoryNode): void {
    this.assertRoom();
    this.#names += 1;
    directory.entries.set(name, node);
    node.names += 1;
    touch(directory);
  }

  /** Removes an entry; the content of a file goes with its last name unless it is open. */
  unlink({ directory, name, node }: FoundLocation): void {
    directory.entries.delete(name);
    this.#names -= 1;
    node.names -= 1;
    touch(directory);
    this.#freeIfUnused(node);
  }

  /** Moves an entry onto a free name or over another entry, which goes. */
  move(from: FoundLocation, to: Location): void {
    const { node } = from;
    if (to.node !== undefined) this.unlink({ ...to, node: to.node });
    from.directory.entries.delete(from.name);
    to.directory.entries.set(to.name, node);
    if (node.type === 'directory') node.parent = to.directory;
    touch(from.directory);
    touch(to.directory);
  }

  /** Counts a handle on a file. */
  hold(file: FileNode): void {
    file.handles += 1;
  }

  /** Ends what {@link hold} began. */
  letGo(file: FileNode): void {
    file.handles -= 1;
    this.#freeIfUnused(file);
  }

  #freeIfUnused(node: MemoryNode): void {
    if (node.type === 'regular' && node.names === 0 && node.handles === 0) node.content.resize(0);
  }
}

/** Whether a directory is `ancestor` or lies below it. */
export function isInside(directory: DirectoryNode, ancestor: MemoryNode): boolean {
  let here: DirectoryNode | undefined = directory;
  while (here !== undefined && here !== ancestor) here = here.parent;
  return here !== undefined;
}

function atDirectory(directory: DirectoryNode): FoundLocation {
  return { directory: directory.parent ?? directory, name: '', node: directory };
}

function checkNameLength(name: string): void {
  // No UTF-16 unit takes more than 3 bytes of UTF-8, so most names need not be counted.
  if (name.length * 3 <= MAX_NAME_BYTES) return;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new SftpError('ENAMETOOLONG');
}
