import type { DirEntry } from '../filesystem/file-info.js';
import { isEntryName, type SftpPath } from '../filesystem/path.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { NamePage } from '../protocol/name-page.js';
import { longname } from '../protocol/longname.js';
import type { Claim } from './request-order.js';
import { withTimeLimit } from './time-limit.js';
import { modeOf, toWireAttributes } from './wire-attributes.js';

const EPOCH = new Date(0);

/** A listing in progress: turns a backend's entries into pages, no more of them than the client asks for. */
export class DirectoryHandle {
  readonly kind = 'directory';
  readonly path: SftpPath;
  /** What a READDIR claims: pages are made one after the other. */
  readonly claims: readonly Claim[];

  /** What the next page begins with, before the backend's next entry. */
  readonly #ahead: DirEntry[];
  readonly #entries: Iterator<DirEntry> | AsyncIterator<DirEntry>;
  readonly #onSkip: (name: string) => void;
  #done = false;
  #waiting = false;
  #spoilt = false;
  readonly #closeTimeout: number;

  /**
   * @param first what is listed before the backend's entries (`.` and `..`)
   * @param onSkip told of each entry whose name no client could use
   * @param closeTimeout how long the backend may take to learn that no more is wanted, in milliseconds
   */
  constructor(
    path: SftpPath,
    first: readonly DirEntry[],
    entries: Iterable<DirEntry> | AsyncIterable<DirEntry>,
    onSkip: (name: string) => void,
    closeTimeout: number,
  ) {
    this.path = path;
    this.claims = [{ key: Symbol(path), exclusive: true }];
    this.#ahead = [...first];
    this.#entries =
      Symbol.asyncIterator in entries
        ? entries[Symbol.asyncIterator]()
        : entries[Symbol.iterator]();
    this.#onSkip = onSkip;
    this.#closeTimeout = closeTimeout;
  }

  /**
   * The next page, or `undefined` after the last.
   *
   * @throws SftpError `EIO` while the backend still owes the page before, and when a page has been lost
   */
  async nextPage(id: number): Promise<Buffer | undefined> {
    if (this.#waiting) throw new SftpError('EIO', 'The listing has not come so far');
    if (this.#spoilt) throw new SftpError('EIO', 'An earlier page of the listing was lost');
    this.#waiting = true;
    try {
      return await this.#fillPage(new NamePage(id));
    } catch (error) {
      this.spoil();
      throw error;
    } finally {
      this.#waiting = false;
    }
  }

  /** A page has not reached the client: what comes after it would make a listing that only looks whole. */
  spoil(): void {
    this.#spoilt = true;
  }

  /** Tells the backend that no more entries are wanted, and waits for it as long as it may take. Never rejects. */
  async close(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    try {
      const told = this.#entries.return?.();
      // A generator answers only after its step under way, which may never come to an end.
      if (!this.#waiting) await withTimeLimit(told, this.#closeTimeout, 'return');
      else if (told && 'then' in told) told.then(undefined, () => undefined);
    } catch {
      // The client has what it wanted of this listing.
    }
  }

  async #fillPage(page: NamePage): Promise<Buffer | undefined> {
    const now = new Date();
    for (;;) {
      let entry = this.#ahead.shift();
      if (entry === undefined) {
        if (this.#done) break;
        const step = this.#entries.next();
        const result = 'then' in step ? await step : step;
        if (result.done === true) {
          this.#done = true;
          break;
        }
        entry = result.value;
        if (!this.#isUsable(entry.name)) continue;
      }
      if (!addEntry(page, entry, now)) {
        this.#ahead.unshift(entry);
        break;
      }
    }
    return page.count > 0 ? page.finish() : undefined;
  }

  /** Whether an entry of the backend's is for clients: `.` and `..` are told already. */
  #isUsable(name: string): boolean {
    if (isEntryName(name)) return true;
    if (name !== '.' && name !== '..') this.#onSkip(name);
    return false;
  }
}

function addEntry(page: NamePage, { name, info }: DirEntry, now: Date): boolean {
  const attributes = toWireAttributes(info);
  const line = longname(
    {
      mode: modeOf(info),
      links: info.links ?? 1,
      owner: info.owner ?? String(info.uid ?? 0),
      group: info.group ?? String(info.gid ?? 0),
      size: attributes.size ?? 0,
      modifiedAt: info.modifiedAt ?? EPOCH,
      name,
    },
    now,
  );
  return page.add(name, line, attributes);
}
