import type { DirEntry } from '../../filesystem/file-info.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import type { MessageReader } from '../wire/message-reader.js';
import { decodeEntry } from '../wire/values.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { RemoteLink } from './remote-link.js';

interface FirstPage {
  readonly entries: DirEntry[];
  /** Left out when there are no more entries. */
  readonly cursor?: { readonly handle: string; readonly leaseTime: number };
}

interface NextPage {
  readonly entries: DirEntry[];
  readonly done: boolean;
}

/** Starts a listing of the other side; its first page is there at once. @throws SftpError */
export async function openRemoteListing(
  link: RemoteLink,
  leases: LeaseKeeper,
  path: SftpPath,
  session: SftpSession,
): Promise<AsyncIterable<DirEntry>> {
  const { entries, cursor } = await link.call('listDir', session, { path }, decodeFirstPage);
  if (cursor !== undefined) leases.hold(cursor.handle, cursor.leaseTime);
  return new RemoteListing(link, leases, session, entries, cursor?.handle);
}

function decodeFirstPage(value: MessageReader): FirstPage {
  const entries = value.records('entries').map(decodeEntry);
  if (value.flag('done')) return { entries };
  const leaseTime = Math.max(value.integer('leaseTime'), 1);
  return { entries, cursor: { handle: value.text('cursor'), leaseTime } };
}

function decodeNextPage(value: MessageReader): NextPage {
  return { entries: value.records('entries').map(decodeEntry), done: value.flag('done') };
}

/** A directory of the other side, of which one page at a time is here. To be gone through once. */
class RemoteListing implements AsyncIterableIterator<DirEntry, undefined> {
  readonly #link: RemoteLink;
  readonly #leases: LeaseKeeper;
  readonly #session: SftpSession;
  #entries: Iterator<DirEntry>;
  /** The rest of the listing at the other side, as long as there may be one. */
  #cursor: string | undefined;
  #pages = 1;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    link: RemoteLink,
    leases: LeaseKeeper,
    session: SftpSession,
    firstPage: DirEntry[],
    cursor: string | undefined,
  ) {
    this.#link = link;
    this.#leases = leases;
    this.#session = session;
    this.#entries = firstPage.values();
    this.#cursor = cursor;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<DirEntry, undefined>> {
    for (;;) {
      // Not the end, as an iterator's failure usually is: half a listing must not look like a whole one.
      if (this.#failure !== undefined) throw this.#failure.error;
      const held = this.#entries.next();
      if (held.done !== true) return held;
      if (this.#cursor === undefined) return { done: true, value: undefined };
      await this.#fetch(this.#cursor);
    }
  }

  /** No more entries are wanted: lets go of the listing at the other side. */
  async return(): Promise<IteratorResult<DirEntry, undefined>> {
    this.#entries = [].values();
    await this.#letGo();
    return { done: true, value: undefined };
  }

  async #fetch(cursor: string): Promise<void> {
    try {
      const body = { cursor, page: this.#pages };
      const page = await this.#link.call('listNext', this.#session, body, decodeNextPage);
      // return() may have been called meanwhile.
      if (this.#cursor === undefined) return;
      this.#pages++;
      this.#entries = page.entries.values();
      if (page.done) this.#forgetCursor(cursor);
    } catch (error) {
      this.#failure = { error };
      void this.#letGo();
      throw error;
    }
  }

  async #letGo(): Promise<void> {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    this.#forgetCursor(cursor);
    await this.#link.tell('listEnd', this.#session, { cursor });
  }

  #forgetCursor(cursor: string): void {
    this.#cursor = undefined;
    this.#leases.release(cursor);
  }
}
