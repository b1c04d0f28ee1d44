import type { DirEntry } from '../../../filesystem/file-info.js';
import { directoryInfo } from '../../../filesystem/make-file-info.js';
import { isRootPath, type SftpPath } from '../../../filesystem/path.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { entryName, isMarker, type KeySpace } from '../key-space.js';
import { fileInfoOf } from '../object-attributes.js';
import type { ListedObject, ListedPage } from '../store/stored-object.js';
import { findObject, type LookUpContext, missingError } from './look-up.js';

/** The part of the first page that is left when the next one is asked for: the client is reading it by then. */
const LEFT_WHEN_ASKING = 3 / 4;

/**
 * Lists a directory, a page of the store's at a time: n entries cost n/1000 requests, and no more than two pages are
 * held: while the client takes one, the next one comes. Where one name has an object and a directory, both are listed.
 *
 * Hidden are the markers of directories, and keys that no client could name (`//`, `.`, `..`).
 *
 * @returns the entries, when the first page is there
 * @throws SftpError `ENOENT`, `ENOTDIR`, `ENAMETOOLONG`
 */
export async function listDirectory(
  context: LookUpContext,
  keys: KeySpace,
  path: SftpPath,
): Promise<AsyncIterableIterator<DirEntry>> {
  const prefix = keys.directoryPrefix(path);
  const first = await context.store.list({ prefix, delimiter: '/' });
  const isEmpty = first.objects.length + first.prefixes.length === 0 && first.next === undefined;
  if (isEmpty && !isRootPath(path)) {
    if (await findObject(context, keys, path)) throw new SftpError('ENOTDIR');
    throw await missingError(context, keys, path);
  }
  context.tree.directories.remember(prefix);
  return new Listing(context, prefix, first);
}

/**
 * Written out, and no generator: the `return()` of a generator would wait for the page that nobody wants any more.
 */
class Listing implements AsyncIterableIterator<DirEntry> {
  readonly #context: LookUpContext;
  readonly #prefix: string;
  readonly #stop = new AbortController();
  #page: Iterator<DirEntry>;
  /** Entries of the page that are left, hidden ones among them. */
  #left = 0;
  #askAt = 0;
  #token: string | undefined;
  #coming: Promise<ListedPage> | undefined;
  #lastKey = '';
  #lastPrefix = '';

  constructor(context: LookUpContext, prefix: string, first: ListedPage) {
    this.#context = context;
    this.#prefix = prefix;
    this.#page = this.#take(first);
    this.#askAt = this.#left * LEFT_WHEN_ASKING;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<DirEntry, undefined>> {
    while (!this.#stop.signal.aborted) {
      const step = this.#page.next();
      if (this.#left <= this.#askAt) this.#ask();
      if (step.done !== true) return { done: false, value: step.value };
      if (this.#coming === undefined) break;
      const page = await this.#coming;
      this.#coming = undefined;
      this.#page = this.#take(page);
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<DirEntry, undefined>> {
    this.#stop.abort();
    this.#coming = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  #ask(): void {
    if (this.#token === undefined || this.#coming !== undefined) return;
    const query = { prefix: this.#prefix, delimiter: '/', next: this.#token } as const;
    this.#coming = this.#context.store.list(query, this.#stop.signal);
    this.#token = undefined;
    // Its failure is told to whoever waits for the page, and to nobody when none does.
    this.#coming.catch(() => undefined);
  }

  #take(page: ListedPage): Iterator<DirEntry> {
    this.#token = page.next;
    this.#left = page.objects.length + page.prefixes.length;
    this.#askAt = this.#left;
    return this.#entriesOf(page);
  }

  *#entriesOf({ objects, prefixes }: ListedPage): Generator<DirEntry, void, undefined> {
    for (const object of objects) {
      this.#left -= 1;
      // Some stores begin a page with what ended the one before.
      if (object.key === this.#lastKey) continue;
      this.#lastKey = object.key;
      const entry = this.#fileEntry(object);
      if (entry !== undefined) yield entry;
    }
    for (const prefix of prefixes) {
      this.#left -= 1;
      if (prefix === this.#lastPrefix) continue;
      this.#lastPrefix = prefix;
      const entry = this.#directoryEntry(prefix);
      if (entry !== undefined) yield entry;
    }
  }

  #fileEntry(object: ListedObject): DirEntry | undefined {
    const name = isMarker(this.#prefix, object) ? undefined : entryName(this.#prefix, object.key);
    if (name === undefined) return undefined;
    const { key, etag, size, lastModified } = object;
    // HEAD tells whole seconds, and a file must not have two times.
    const modifiedAt = new Date(Math.floor(lastModified.getTime() / 1000) * 1000);
    const known = this.#context.tree.attributes.of(key, etag);
    return { name, info: fileInfoOf(size, modifiedAt, known) };
  }

  #directoryEntry(prefix: string): DirEntry | undefined {
    const name = entryName(this.#prefix, prefix);
    if (name === undefined) return undefined;
    return { name, info: directoryInfo(this.#context.tree.attributes.ofDirectory(prefix)) };
  }
}
