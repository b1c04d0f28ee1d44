import type {
  OfTheServer,
  OverwriteOption,
  OwnerIds,
  OwnerNames,
  SequentialContent,
  SftpBackend,
} from '../../filesystem/backend.js';
import type { AttributeChanges, DirEntry, FileInfo, VfsInfo } from '../../filesystem/file-info.js';
import type { OpenFlags } from '../../filesystem/open-file.js';
import { isRootPath, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { applyChanges, applyMetadata } from './apply-changes.js';
import { MemoryFile } from './memory-file.js';
import {
  checkedMaxBytes,
  checkedMaxFiles,
  checkedOwnership,
  type MemoryBackendOptions,
  type Ownership,
} from './memory-options.js';
import { isInside, type Location, MemoryTree } from './memory-tree.js';
import {
  type DirectoryNode,
  infoOf,
  type MemoryNode,
  newDirectory,
  newFile,
  newLink,
  touch,
} from './node.js';
import { Space } from './space.js';
import { spaceOf } from './space-info.js';

/** Longest target of a symbolic link in bytes: `PATH_MAX` of Linux without its final NUL. */
const MAX_TARGET_BYTES = 4095;

/**
 * Storage in the memory of this process: for tests, demonstrations and data that need not survive.
 *
 * It is a whole POSIX file system: directories, symbolic and hard links, attributes, sparse files, and files
 * that live on without a name as long as they are open. All sessions see the same tree, and permission bits are
 * kept but not enforced. Every method is synchronous.
 *
 * @example
 * new MemoryBackend({ maxBytes: 64 * 1024 * 1024 })
 */
export class MemoryBackend implements Required<Omit<SftpBackend, SequentialContent | OfTheServer>> {
  readonly supportsSync = true;

  readonly #ownership: Ownership;
  readonly #space: Space;
  readonly #tree: MemoryTree;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: MemoryBackendOptions = {}) {
    this.#ownership = checkedOwnership(options);
    this.#space = new Space(checkedMaxBytes(options));
    this.#tree = new MemoryTree(newDirectory(this.#ownership), checkedMaxFiles(options));
  }

  listDir(path: SftpPath): Iterable<DirEntry> {
    const { node } = this.#tree.find(path, true);
    if (node.type !== 'directory') throw new SftpError('ENOTDIR');
    return this.#entriesOf(node);
  }

  fileInfo(path: SftpPath): FileInfo {
    return infoOf(this.#tree.find(path, true).node, this.#ownership);
  }

  linkInfo(path: SftpPath): FileInfo {
    return infoOf(this.#tree.find(path, false).node, this.#ownership);
  }

  openFile(path: SftpPath, flags: OpenFlags): MemoryFile {
    const mustBeNew = flags.create && flags.exclusive;
    const { directory, name, node } = this.#tree.locate(path, !mustBeNew);
    if (node === undefined) {
      if (!flags.create) throw new SftpError('ENOENT');
      const file = newFile(this.#ownership, flags.mode, this.#space);
      this.#tree.link(directory, name, file);
      return new MemoryFile(this.#tree, file, flags, this.#ownership);
    }
    if (mustBeNew) throw new SftpError('EEXIST');
    if (node.type !== 'regular') throw new SftpError('EISDIR');
    if (flags.truncate) {
      node.content.resize(0);
      touch(node);
    }
    return new MemoryFile(this.#tree, node, flags, this.#ownership);
  }

  makeDir(path: SftpPath, attributes: AttributeChanges): void {
    const { directory, name } = this.#locateFree(path);
    const made = newDirectory(this.#ownership, directory);
    applyMetadata(made, attributes);
    this.#tree.link(directory, name, made);
  }

  delDir(path: SftpPath): void {
    if (isRootPath(path)) throw new SftpError('EBUSY');
    const found = this.#tree.find(path, false);
    if (found.node.type !== 'directory') throw new SftpError('ENOTDIR');
    if (found.node.entries.size > 0) throw new SftpError('ENOTEMPTY');
    this.#tree.unlink(found);
  }

  delete(path: SftpPath): void {
    const found = this.#tree.find(path, false);
    if (found.node.type === 'directory') throw new SftpError('EISDIR');
    this.#tree.unlink(found);
  }

  rename(from: SftpPath, to: SftpPath, { overwrite }: OverwriteOption): void {
    if (isRootPath(from) || (overwrite && isRootPath(to))) throw new SftpError('EBUSY');
    const source = this.#tree.find(from, false);
    const target = this.#tree.locate(to, false);
    if (target.node !== undefined && !overwrite) throw new SftpError('EEXIST');
    if (isInside(target.directory, source.node)) throw new SftpError('EINVAL');
    if (target.node !== undefined) {
      if (target.node === source.node) return;
      checkReplaceable(source.node, target.node);
    }
    this.#tree.move(source, target);
  }

  setAttributes(path: SftpPath, changes: AttributeChanges): void {
    applyChanges(this.#tree.find(path, true).node, changes);
  }

  setLinkAttributes(path: SftpPath, changes: AttributeChanges): void {
    applyChanges(this.#tree.find(path, false).node, changes);
  }

  /** @throws SftpError as the contract says, and `ENOENT` for an empty target, `ENAMETOOLONG`, `EINVAL` (NUL) */
  symlink(path: SftpPath, target: string): void {
    if (target === '') throw new SftpError('ENOENT');
    if (target.includes('\0')) throw new SftpError('EINVAL');
    if (Buffer.byteLength(target) > MAX_TARGET_BYTES) throw new SftpError('ENAMETOOLONG');
    const { directory, name } = this.#locateFree(path);
    this.#tree.link(directory, name, newLink(this.#ownership, target));
  }

  readLink(path: SftpPath): string {
    const { node } = this.#tree.find(path, false);
    if (node.type !== 'symlink') throw new SftpError('EINVAL');
    return node.target;
  }

  /** Names a symbolic link itself and not its target, as `link` does on Linux. */
  hardLink(existing: SftpPath, path: SftpPath): void {
    const { node } = this.#tree.find(existing, false);
    const { directory, name } = this.#locateFree(path);
    if (node.type === 'directory') throw new SftpError('EPERM');
    this.#tree.link(directory, name, node);
  }

  /** Without `maxBytes`: what the operating system has to give to this process now. */
  statVfs(path: SftpPath): VfsInfo {
    this.#tree.find(path, true);
    return spaceOf(this.#space, this.#tree);
  }

  /**
   * Copies in one go, so the process does nothing else meanwhile (a second for some gigabytes). A source that is a
   * link is followed; a target is replaced, as by {@link rename}, and not written into.
   */
  copy(from: SftpPath, to: SftpPath, { overwrite }: OverwriteOption): void {
    const { node } = this.#tree.find(from, true);
    const target = this.#tree.locate(to, false);
    if (node.type !== 'regular') throw new SftpError('EISDIR');
    if (target.node !== undefined) {
      if (!overwrite) throw new SftpError('EEXIST');
      if (target.node.type === 'directory') throw new SftpError('EISDIR');
      if (target.node === node) return;
    }
    if (target.node === undefined) this.#tree.assertRoom();
    const file = newFile(this.#ownership, node.mode, node.content.clone());
    if (target.node !== undefined) this.#tree.unlink({ ...target, node: target.node });
    this.#tree.link(target.directory, target.name, file);
  }

  ownerNames({ uids, gids }: OwnerIds): OwnerNames {
    const { uid, gid, owner = '', group = '' } = this.#ownership;
    return {
      users: uids.map((id) => (id === uid ? owner : '')),
      groups: gids.map((id) => (id === gid ? group : '')),
    };
  }

  /**
   * The names are those of the moment of the call: while a client pages through them, entries may come and go
   * without one being shown twice or missed. Attributes are gathered only as they are asked for.
   */
  *#entriesOf(directory: DirectoryNode): Generator<DirEntry, void, undefined> {
    for (const name of [...directory.entries.keys()]) {
      const node = directory.entries.get(name);
      if (node !== undefined) yield { name, info: infoOf(node, this.#ownership) };
    }
  }

  #locateFree(path: SftpPath): Location {
    const location = this.#tree.locate(path, false);
    if (location.node !== undefined) throw new SftpError('EEXIST');
    return location;
  }
}

function checkReplaceable(source: MemoryNode, target: MemoryNode): void {
  if (target.type !== 'directory') {
    if (source.type === 'directory') throw new SftpError('ENOTDIR');
    return;
  }
  if (source.type !== 'directory') throw new SftpError('EISDIR');
  if (target.entries.size > 0) throw new SftpError('ENOTEMPTY');
}
