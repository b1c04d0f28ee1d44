import { readlink } from 'node:fs/promises';

import { pathSegments, type SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';

import type { DirectoryHandle, PinnedEntry } from './directory-handle.js';
import { hasCode } from './file-calls.js';
import { isReservedName } from './temporary-files.js';
import { decodeUtf8 } from './utf8.js';

/** Symbolic links that one path may go through, as in Linux. */
const MAX_LINKS = 40;
/** Directories that one path may go through: links that multiply must not keep the server busy. */
const MAX_STEPS = 2048;

/** What a path is looked up for: decides how a name that is kept for temporary files is refused. */
export type Purpose = 'use' | 'make';

/**
 * The way from the root to the directory that holds a path's last name.
 *
 * Goes one directory at a time and never lets the system follow a symbolic link: links are read and their
 * targets resolved inside the root, as `chroot(2)` and `openat2(2)` with `RESOLVE_IN_ROOT` do. An absolute
 * target starts at the root, `..` stops there, and the 41st link is `ELOOP`.
 *
 * Holds the root and one directory open, until {@link close} or {@link detach}.
 */
export class ConfinedPath {
  readonly #root: DirectoryHandle;
  readonly #purpose: Purpose;
  #directory: DirectoryHandle;
  /** Names of the directories walked through, none of them a link when it was. */
  #walked: string[] = [];
  #name = '.';
  #links = 0;
  #steps = 0;
  #closed = false;

  private constructor(root: DirectoryHandle, purpose: Purpose) {
    this.#root = root.retain();
    this.#directory = this.#root;
    this.#purpose = purpose;
  }

  /**
   * Walks to the parent of `path`, whose last name is not looked at.
   *
   * @throws `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`
   */
  static async resolve(
    root: DirectoryHandle,
    path: SftpPath,
    purpose: Purpose = 'use',
  ): Promise<ConfinedPath> {
    const walk = new ConfinedPath(root, purpose);
    try {
      await walk.#advance(pathSegments(path));
      return walk;
    } catch (error) {
      walk.close();
      throw error;
    }
  }

  /** The directory that holds {@link name}. */
  get directory(): DirectoryHandle {
    return this.#directory;
  }

  /** The last name; `.` where the path, or the link that was followed, ends at a directory itself. */
  get name(): string {
    return this.#name;
  }

  /** Host path of the last name, for calls that do not follow a final symbolic link. */
  get child(): string {
    return this.#directory.child(this.#name);
  }

  /**
   * Goes on to what the link at the last name points to. Does nothing but count when it is a link no more.
   *
   * @throws `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`
   */
  async followLink(): Promise<void> {
    this.#countLink();
    const target = await readTarget(this.child);
    if (target !== undefined) await this.#advance(this.#targetSegments(target));
  }

  /**
   * Takes hold of what the path names, after all its links.
   *
   * @throws `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`
   */
  async pinFollowed(): Promise<PinnedEntry> {
    for (;;) {
      const entry = await this.#directory.pin(this.#name);
      if (!entry.stats.isSymbolicLink()) return entry;
      entry.close();
      await this.followLink();
    }
  }

  /** Hands over the directory, which the caller then closes; the rest is let go of. */
  detach(): DirectoryHandle {
    const directory = this.#directory.retain();
    this.close();
    return directory;
  }

  /** Lets go of what is held. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#moveTo(this.#root);
    this.#root.close();
  }

  async #advance(segments: readonly string[]): Promise<void> {
    const ahead = segments.toReversed();
    this.#name = '.';
    for (let segment = ahead.pop(); segment !== undefined; segment = ahead.pop()) {
      this.#countStep();
      if (segment === '.') continue;
      if (segment === '..') {
        this.#ascend(ahead);
        continue;
      }
      if (isReservedName(segment)) {
        throw new SftpError(ahead.length === 0 && this.#purpose === 'make' ? 'EACCES' : 'ENOENT');
      }
      if (ahead.length === 0) {
        this.#name = segment;
        return;
      }
      await this.#descend(segment, ahead);
    }
  }

  async #descend(name: string, ahead: string[]): Promise<void> {
    try {
      this.#moveTo(await this.#directory.openDirectory(name));
      this.#walked.push(name);
    } catch (error) {
      if (!hasCode(error, 'ENOTDIR', 'ELOOP')) throw error;
      const target = await readTarget(this.#directory.child(name));
      if (target === undefined) throw error;
      this.#countLink();
      ahead.push(...this.#targetSegments(target).reverse());
    }
  }

  /**
   * One directory up: the way down from the root is walked again. Opening `..` instead would leave the root
   * if the directory was moved out of it meanwhile, and a stack of open parents would let one deep path use
   * up the descriptors of the process.
   */
  #ascend(ahead: string[]): void {
    const parents = this.#walked.slice(0, -1);
    this.#restart();
    ahead.push('.', ...parents.reverse());
  }

  #targetSegments(target: string): string[] {
    if (target.startsWith('/')) this.#restart();
    const segments = target.split('/').filter((segment) => segment !== '');
    // What ends in a slash must be a directory.
    if (target.endsWith('/')) segments.push('.');
    return segments;
  }

  #restart(): void {
    this.#moveTo(this.#root);
    this.#walked = [];
  }

  #moveTo(directory: DirectoryHandle): void {
    if (this.#directory !== this.#root) this.#directory.close();
    this.#directory = directory;
  }

  #countLink(): void {
    this.#links += 1;
    if (this.#links > MAX_LINKS) throw new SftpError('ELOOP');
  }

  #countStep(): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new SftpError('ELOOP');
  }
}

/** The target of a link; `undefined` when it is something else. */
async function readTarget(link: string): Promise<string | undefined> {
  try {
    const target = decodeUtf8(await readlink(link, 'buffer'));
    // A name that no path can spell is, to a client, not there.
    if (target === undefined) throw new SftpError('ENOENT');
    return target;
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'UNKNOWN')) return undefined;
    throw error;
  }
}
