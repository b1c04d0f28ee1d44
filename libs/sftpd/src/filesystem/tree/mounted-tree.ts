import type {
  CopyOptions,
  OverwriteOption,
  OwnerIds,
  OwnerNames,
  RandomAccessBackend,
} from '../backend.js';
import type { AttributeChanges, DirEntry, FileInfo, VfsInfo } from '../file-info.js';
import type { MaybePromise } from '../maybe-promise.js';
import type { OpenFile, OpenFlags } from '../open-file.js';
import { isRootPath, parentPath, ROOT_PATH, type SftpPath } from '../path.js';
import type { SftpSession } from '../session.js';
import { SftpError } from '../sftp-error.js';
import { changedEntries } from './entry-stream.js';
import { FixedDirectories } from './fixed-directories.js';
import { fromStoredTarget, toStoredTarget } from './link-target.js';
import type { Place } from './mount.js';
import type { MountTable } from './mount-table.js';
import type { WholeTree } from './offering.js';
import { mergedOwnerNames } from './owner-names.js';
import { streamCopy } from './stream-copy.js';

/** The tree of several mounts; `mountTree` says what it promises. */
export class MountedTree implements WholeTree {
  readonly supportsSync: boolean;

  readonly #table: MountTable;
  readonly #fixed: FixedDirectories;
  readonly #backends: readonly RandomAccessBackend[];
  readonly #lookupTimeout: number;

  /**
   * @param backends all that are mounted
   * @param lookupTimeout milliseconds that one of them may take to tell what others can do without
   */
  constructor(table: MountTable, backends: readonly RandomAccessBackend[], lookupTimeout: number) {
    this.#table = table;
    this.#fixed = new FixedDirectories(table, lookupTimeout);
    this.#backends = backends;
    this.#lookupTimeout = lookupTimeout;
    this.supportsSync = backends.every((backend) => backend.supportsSync === true);
  }

  async listDir(
    path: SftpPath,
    session: SftpSession,
  ): Promise<Iterable<DirEntry> | AsyncIterable<DirEntry>> {
    if (!this.#table.leadsOn(path)) {
      const { mount, path: inner } = this.#table.place(path);
      return mount.backend.listDir(inner, session);
    }
    const names = this.#table.fixedNames(path);
    const [first, own] = await Promise.all([
      this.#fixed.entries(path, session),
      this.#fixed.ownEntries(path, session),
    ]);
    return changedEntries(own, { first, keep: (name) => !names.has(name) });
  }

  fileInfo(path: SftpPath, session: SftpSession): MaybePromise<FileInfo> {
    if (this.#table.isFixed(path)) return this.#fixed.info(path, session);
    const { mount, path: inner } = this.#table.place(path);
    return mount.backend.fileInfo(inner, session);
  }

  linkInfo(path: SftpPath, session: SftpSession): MaybePromise<FileInfo> {
    if (this.#table.isFixed(path)) return this.#fixed.info(path, session);
    const { mount, path: inner } = this.#table.place(path);
    return mount.backend.linkInfo?.(inner, session) ?? mount.backend.fileInfo(inner, session);
  }

  openFile(path: SftpPath, flags: OpenFlags, session: SftpSession): MaybePromise<OpenFile> {
    if (this.#table.isFixed(path)) {
      throw new SftpError(flags.create && flags.exclusive ? 'EEXIST' : 'EISDIR');
    }
    if (flags.create) {
      return this.#making(path, session, ({ mount, path: inner }) =>
        mount.backend.openFile(inner, flags, session),
      );
    }
    const { mount, path: inner } = this.#table.place(path);
    return mount.backend.openFile(inner, flags, session);
  }

  makeDir(path: SftpPath, attributes: AttributeChanges, session: SftpSession): MaybePromise<void> {
    this.#assertNotFixed('EEXIST', path);
    return this.#making(path, session, ({ mount, path: inner }) =>
      mount.backend.makeDir(inner, attributes, session),
    );
  }

  delDir(path: SftpPath, session: SftpSession): MaybePromise<void> {
    this.#assertNotFixed('EBUSY', path);
    const { mount, path: inner } = this.#table.place(path);
    return mount.backend.delDir(inner, session);
  }

  delete(path: SftpPath, session: SftpSession): MaybePromise<void> {
    this.#assertNotFixed('EISDIR', path);
    const { mount, path: inner } = this.#table.place(path);
    return mount.backend.delete(inner, session);
  }

  rename(
    from: SftpPath,
    to: SftpPath,
    options: OverwriteOption,
    session: SftpSession,
  ): MaybePromise<void> {
    this.#assertNotFixed('EBUSY', from, to);
    const source = this.#table.place(from);
    return this.#making(to, session, (target) => {
      const { backend } = sharedMount(source, target);
      return backend.rename(source.path, target.path, options, session);
    });
  }

  async setAttributes(
    path: SftpPath,
    changes: AttributeChanges,
    session: SftpSession,
  ): Promise<void> {
    const { mount, path: inner } = await this.#placeToChange(path, session);
    if (mount.backend.setAttributes === undefined) throw new SftpError('ENOTSUP');
    await mount.backend.setAttributes(inner, changes, session);
  }

  async setLinkAttributes(
    path: SftpPath,
    changes: AttributeChanges,
    session: SftpSession,
  ): Promise<void> {
    const { mount, path: inner } = await this.#placeToChange(path, session);
    if (mount.backend.setLinkAttributes === undefined) throw new SftpError('ENOTSUP');
    await mount.backend.setLinkAttributes(inner, changes, session);
  }

  symlink(path: SftpPath, target: string, session: SftpSession): MaybePromise<void> {
    this.#assertNotFixed('EEXIST', path);
    return this.#making(path, session, (place) => {
      const { mount, path: inner } = placeWithLinks(place);
      if (mount.backend.symlink === undefined) throw new SftpError('ENOTSUP');
      const stored = toStoredTarget(this.#table, mount, path, target);
      return mount.backend.symlink(inner, stored, session);
    });
  }

  async readLink(path: SftpPath, session: SftpSession): Promise<string> {
    this.#assertNotFixed('EINVAL', path);
    const { mount, path: inner } = placeWithLinks(this.#table.place(path));
    if (mount.backend.readLink === undefined) throw new SftpError('ENOTSUP');
    return fromStoredTarget(mount, await mount.backend.readLink(inner, session));
  }

  hardLink(existing: SftpPath, path: SftpPath, session: SftpSession): MaybePromise<void> {
    this.#assertNotFixed('EPERM', existing);
    this.#assertNotFixed('EEXIST', path);
    const source = this.#table.place(existing);
    return this.#making(path, session, (target) => {
      const { backend } = sharedMount(source, target);
      if (backend.hardLink === undefined) throw new SftpError('ENOTSUP');
      return backend.hardLink(source.path, target.path, session);
    });
  }

  async statVfs(path: SftpPath, session: SftpSession): Promise<VfsInfo> {
    if (await this.#fixed.isVirtual(path, session)) return this.#fixed.vfsInfo;
    const { mount, path: inner } = this.#table.place(path);
    if (mount.backend.statVfs === undefined) throw new SftpError('ENOTSUP');
    return mount.backend.statVfs(inner, session);
  }

  copy(
    from: SftpPath,
    to: SftpPath,
    options: CopyOptions,
    session: SftpSession,
  ): MaybePromise<void> {
    this.#assertNotFixed('EISDIR', from);
    this.#assertNotFixed(options.overwrite ? 'EISDIR' : 'EEXIST', to);
    const source = this.#table.place(from);
    return this.#making(to, session, (target) => {
      const { backend } = source.mount;
      return source.mount === target.mount && backend.copy !== undefined
        ? backend.copy(source.path, target.path, options, session)
        : streamCopy(source, target, options, session);
    });
  }

  ownerNames(ids: OwnerIds, session: SftpSession): Promise<OwnerNames> {
    return mergedOwnerNames(this.#backends, ids, session, this.#lookupTimeout);
  }

  #assertNotFixed(code: 'EBUSY' | 'EEXIST' | 'EINVAL' | 'EISDIR' | 'EPERM', ...paths: SftpPath[]) {
    if (paths.some((path) => this.#table.isFixed(path))) throw new SftpError(code);
  }

  /** Does what makes something at a path; `EROFS` where that is in a virtual directory. */
  #making<T>(
    path: SftpPath,
    session: SftpSession,
    make: (place: Place) => MaybePromise<T>,
  ): MaybePromise<T> {
    const place = this.#table.placeToMake(path);
    const parent = parentPath(path);
    if (!this.#table.leadsOn(parent)) return make(place);
    return this.#fixed.inDirectory(parent, session, () => make(place));
  }

  async #placeToChange(path: SftpPath, session: SftpSession): Promise<Place> {
    if (await this.#fixed.isVirtual(path, session)) throw new SftpError('EROFS');
    return this.#table.place(path);
  }
}

/** @throws SftpError `EXDEV` when the places are in different mounts */
function sharedMount(source: Place, target: Place): Place['mount'] {
  if (source.mount !== target.mount) throw new SftpError('EXDEV');
  return source.mount;
}

/** @throws SftpError `ENOTSUP` below a root from which a link could lead out */
function placeWithLinks(place: Place): Place {
  if (!isRootPath(place.mount.root ?? ROOT_PATH)) throw new SftpError('ENOTSUP');
  return place;
}
