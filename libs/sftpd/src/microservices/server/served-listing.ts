import type { DirEntry } from '../../filesystem/file-info.js';
import type { SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { Leased } from './lease-table.js';

/** Entries that one message carries: about 64 KiB with usual names. */
const PAGE_ENTRIES = 256;

/** A page with entries is sent after this time, in milliseconds, however slowly the others come. */
const PAGE_TIME = 1000;

/** Entries of a directory, in the order in which the backend gives them. */
export interface Page {
  readonly entries: readonly DirEntry[];
  /** Whether these are the last. */
  readonly done: boolean;
}

/** A listing of this side, for one client. The backend is asked for no more than the page that the client wants. */
export class ServedListing implements Leased {
  readonly kind = 'listing';
  readonly path: SftpPath;
  readonly #entries: Iterator<DirEntry> | AsyncIterator<DirEntry>;
  #pages = 0;
  #reading = false;
  #ended = false;

  constructor(path: SftpPath, entries: Iterable<DirEntry> | AsyncIterable<DirEntry>) {
    this.path = path;
    this.#entries =
      Symbol.asyncIterator in entries
        ? entries[Symbol.asyncIterator]()
        : entries[Symbol.iterator]();
  }

  /** Whether there are no more pages: the last was sent, the backend has failed, or nobody wants them. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * @param number which page, from 0; a page that was sent already is not made again, so that a message that comes
   * twice skips nothing
   * @throws SftpError `EIO` when it is not the next page's turn, and what the backend throws
   */
  async page(number: number): Promise<Page> {
    if (this.#ended || this.#reading || number !== this.#pages) {
      throw new SftpError('EIO', undefined, {
        cause: new Error(`Page ${number} of a listing is not the next one`),
      });
    }
    this.#reading = true;
    try {
      const page = await this.#fill();
      this.#pages++;
      this.#ended ||= page.done;
      return page;
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  /** Tells the backend that no more entries are wanted. */
  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const told = this.#entries.return?.();
    // A generator answers only after its step under way, which may never come to an end.
    if (this.#reading) Promise.resolve(told).catch(() => undefined);
    else await told;
  }

  async #fill(): Promise<Page> {
    const entries: DirEntry[] = [];
    const started = performance.now();
    do {
      const step = this.#entries.next();
      const result = 'then' in step ? await step : step;
      if (result.done === true) return { entries, done: true };
      entries.push(result.value);
    } while (entries.length < PAGE_ENTRIES && performance.now() - started < PAGE_TIME);
    return { entries, done: false };
  }
}
