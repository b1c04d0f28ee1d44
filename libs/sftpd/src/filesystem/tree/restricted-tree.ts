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
import { childPath, isEntryName, type SftpPath } from '../path.js';
import type { SftpSession } from '../session.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import { changedEntries } from './entry-stream.js';
import type { WholeTree } from './offering.js';
import { permittedOpen } from './permitted-open.js';
import { refusing } from './refusal.js';
import { refused, restrictedFile } from './restricted-file.js';
import type { Rules } from './rules.js';

/** A tree in which only what the rules allow can be done; `PERMISSIONS` says what each of them means. */
export class RestrictedTree implements WholeTree {
  readonly supportsSync: boolean;

  readonly #backend: RandomAccessBackend;
  readonly #rules: Rules;

  constructor(backend: RandomAccessBackend, rules: Rules) {
    this.#backend = backend;
    this.#rules = rules;
    this.supportsSync = backend.supportsSync === true;
  }

  async listDir(
    path: SftpPath,
    session: SftpSession,
  ): Promise<Iterable<DirEntry> | AsyncIterable<DirEntry>> {
    if (!this.#rules.allows(path, 'list')) return this.#wayThrough(path, session);
    const entries = await this.#backend.listDir(path, session);
    if (!this.#rules.isDivided(path)) return entries;
    const keep = (name: string): boolean =>
      !isEntryName(name) || this.#rules.isVisible(childPath(path, name));
    return changedEntries(entries, { keep });
  }

  fileInfo(path: SftpPath, session: SftpSession): MaybePromise<FileInfo> {
    this.#assertVisible(path);
    return this.#backend.fileInfo(path, session);
  }

  linkInfo(path: SftpPath, session: SftpSession): MaybePromise<FileInfo> {
    this.#assertVisible(path);
    return this.#backend.linkInfo?.(path, session) ?? this.#backend.fileInfo(path, session);
  }

  async openFile(path: SftpPath, flags: OpenFlags, session: SftpSession): Promise<OpenFile> {
    const held = this.#rules.at(path);
    const permitted = permittedOpen(flags, held);
    const file = await refusing(permitted.refusal, () =>
      this.#backend.openFile(path, permitted.flags, session),
    );
    const read = permitted.flags.read || !flags.read;
    if (held.has('write') && read && permitted.refusal === undefined) return file;
    return restrictedFile(file, {
      read,
      refusal: permitted.refusal,
      setAttributes: this.#attributesOf(file, path, flags, session),
    });
  }

  makeDir(path: SftpPath, attributes: AttributeChanges, session: SftpSession): MaybePromise<void> {
    this.#rules.assert(path, 'create');
    return this.#backend.makeDir(path, attributes, session);
  }

  delDir(path: SftpPath, session: SftpSession): MaybePromise<void> {
    this.#rules.assert(path, 'delete');
    this.#assertUndivided(path);
    return this.#backend.delDir(path, session);
  }

  delete(path: SftpPath, session: SftpSession): MaybePromise<void> {
    this.#rules.assert(path, 'delete');
    this.#assertUndivided(path);
    return this.#backend.delete(path, session);
  }

  async rename(
    from: SftpPath,
    to: SftpPath,
    { overwrite }: OverwriteOption,
    session: SftpSession,
  ): Promise<void> {
    this.#rules.assert(from, 'rename');
    this.#rules.assert(to, 'rename');
    this.#assertUndivided(from, to);
    if (this.#rules.givesMore(from, to)) throw new SftpError('EACCES');
    const may = this.#mayReplace(to, overwrite);
    await refusing(may.refusal, () => this.#backend.rename(from, to, may, session));
  }

  setAttributes(
    path: SftpPath,
    changes: AttributeChanges,
    session: SftpSession,
  ): MaybePromise<void> {
    this.#rules.assert(path, 'write');
    if (this.#backend.setAttributes === undefined) throw new SftpError('ENOTSUP');
    return this.#backend.setAttributes(path, changes, session);
  }

  setLinkAttributes(
    path: SftpPath,
    changes: AttributeChanges,
    session: SftpSession,
  ): MaybePromise<void> {
    this.#rules.assert(path, 'write');
    if (this.#backend.setLinkAttributes === undefined) throw new SftpError('ENOTSUP');
    return this.#backend.setLinkAttributes(path, changes, session);
  }

  /** Never offered. */
  symlink(): never {
    throw new SftpError('EACCES');
  }

  readLink(path: SftpPath, session: SftpSession): MaybePromise<string> {
    this.#rules.assert(path, 'list');
    if (this.#backend.readLink === undefined) throw new SftpError('ENOTSUP');
    return this.#backend.readLink(path, session);
  }

  /** Never offered. */
  hardLink(): never {
    throw new SftpError('EACCES');
  }

  async statVfs(path: SftpPath, session: SftpSession): Promise<VfsInfo> {
    this.#assertVisible(path);
    if (this.#backend.statVfs === undefined) throw new SftpError('ENOTSUP');
    const info = await this.#backend.statVfs(path, session);
    return this.#rules.isReadOnly(path) ? { ...info, readOnly: true } : info;
  }

  async copy(
    from: SftpPath,
    to: SftpPath,
    options: CopyOptions,
    session: SftpSession,
  ): Promise<void> {
    this.#rules.assert(from, 'read');
    this.#rules.assert(to, 'create');
    if (this.#backend.copy === undefined) throw new SftpError('ENOTSUP');
    const { overwrite, refusal } = this.#mayReplace(to, options.overwrite);
    await refusing(refusal, () =>
      this.#backend.copy?.(from, to, { ...options, overwrite }, session),
    );
  }

  ownerNames(ids: OwnerIds, session: SftpSession): MaybePromise<OwnerNames> {
    if (this.#backend.ownerNames === undefined) throw new SftpError('ENOTSUP');
    return this.#backend.ownerNames(ids, session);
  }

  #assertVisible(path: SftpPath): void {
    if (!this.#rules.isVisible(path)) throw new SftpError('EACCES');
  }

  /** What would go or move along has rules of its own. */
  #assertUndivided(...paths: readonly SftpPath[]): void {
    if (paths.some((path) => this.#rules.isDivided(path))) throw new SftpError('EACCES');
  }

  /** Left to the storage, which finds out in one step with the rest whether something is there. */
  #mayReplace(
    path: SftpPath,
    wanted: boolean,
  ): { readonly overwrite: boolean; readonly refusal: 'EEXIST' | undefined } {
    const overwrite = wanted && this.#rules.allows(path, 'overwrite');
    return { overwrite, refusal: wanted && !overwrite ? 'EEXIST' : undefined };
  }

  /** How FSETSTAT is served to who has no `write` at the path; `undefined` leaves it to the file. */
  #attributesOf(
    file: OpenFile,
    path: SftpPath,
    flags: OpenFlags,
    session: SftpSession,
  ): ((changes: AttributeChanges) => MaybePromise<void>) | undefined {
    if (this.#rules.allows(path, 'write')) return undefined;
    if (!flags.write) return refused;
    if (file.setAttributes !== undefined) return undefined;
    return async (changes) => {
      // By its path, which may name another file by now: attributes of the upload, but nobody's content.
      if (changes.size !== undefined) throw new SftpError('EACCES');
      if (this.#backend.setAttributes === undefined) throw new SftpError('ENOTSUP');
      await this.#backend.setAttributes(path, changes, session);
    };
  }

  /** A directory that may be passed through and not listed: the entries on the way to what is allowed. */
  async #wayThrough(path: SftpPath, session: SftpSession): Promise<AsyncIterable<DirEntry>> {
    const names = this.#rules.namesOnTheWay(path);
    if (names.size === 0) throw new SftpError('EACCES');
    const { type } = await this.#backend.fileInfo(path, session);
    if (type !== 'directory') throw new SftpError('ENOTDIR');
    return this.#entriesNamed(path, names, session);
  }

  async *#entriesNamed(
    directory: SftpPath,
    names: ReadonlySet<string>,
    session: SftpSession,
  ): AsyncGenerator<DirEntry, void, undefined> {
    for (const name of names) {
      try {
        yield { name, info: await this.linkInfo(childPath(directory, name), session) };
      } catch (error) {
        // The way to something that is not there, or that a restriction further down hides.
        if (!['ENOENT', 'EACCES'].includes(toSftpError(error).code)) throw error;
      }
    }
  }
}
