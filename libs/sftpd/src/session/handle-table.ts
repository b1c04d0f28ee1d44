import type { SftpPath } from '../filesystem/path.js';
import { SftpError } from '../filesystem/sftp-error.js';
import type { DirectoryHandle } from './directory-handle.js';
import type { FileHandle } from './file-handle.js';
import { LimitError } from './limit-error.js';
import type { SessionUploads } from './session-uploads.js';

/** What OPEN or OPENDIR gave a client. */
export type Handle = FileHandle | DirectoryHandle;

const HANDLE_BYTES = 4;

/** The open handles of one channel. A handle's bytes are never given out twice on a channel. */
export class HandleTable {
  readonly #handles = new Map<number, Handle>();
  readonly #closing = new Set<number>();
  readonly #maxHandles: number;
  readonly #uploads: SessionUploads;
  #reserved = 0;
  #last = 0;

  /**
   * @param maxHandles how many may be open at once
   * @param uploads the session's, which are told of the files of this channel
   */
  constructor(maxHandles: number, uploads: SessionUploads) {
    this.#maxHandles = maxHandles;
    this.#uploads = uploads;
  }

  get size(): number {
    return this.#handles.size;
  }

  /** Open handles and those that are being opened. */
  get busy(): boolean {
    return this.#handles.size + this.#reserved > 0;
  }

  /**
   * Holds a place while a handle is being opened; {@link add} or {@link release} gives it back.
   *
   * @throws LimitError `EMFILE`
   */
  reserve(): void {
    if (this.#handles.size + this.#reserved >= this.#maxHandles) {
      throw new LimitError(
        'EMFILE',
        `Too many open handles; ${this.#maxHandles} are allowed`,
        'maxHandles',
        `A handle was refused: ${this.#maxHandles} are open on the channel`,
      );
    }
    this.#reserved++;
  }

  /** Gives back a place of which nothing came. */
  release(): void {
    this.#reserved--;
  }

  /** Fills a reserved place; the handle's bytes. */
  add(handle: Handle): Buffer {
    this.#reserved--;
    const number = ++this.#last;
    this.#handles.set(number, handle);
    if (handle.kind === 'file') this.#uploads.add(handle);
    const bytes = Buffer.alloc(HANDLE_BYTES);
    bytes.writeUInt32BE(number);
    return bytes;
  }

  /** @throws SftpError `EBADF` */
  get(bytes: Buffer): Handle {
    const number = numberOf(bytes);
    const handle = this.#handles.get(number);
    if (handle === undefined || this.#closing.has(number))
      throw new SftpError('EBADF', 'No such handle is open');
    return handle;
  }

  /** @throws SftpError `EBADF` */
  getFile(bytes: Buffer): FileHandle {
    const handle = this.get(bytes);
    if (handle.kind !== 'file') throw new SftpError('EBADF', 'The handle is a directory');
    return handle;
  }

  /** @throws SftpError `EBADF` */
  getDirectory(bytes: Buffer): DirectoryHandle {
    const handle = this.get(bytes);
    if (handle.kind !== 'directory') throw new SftpError('EBADF', 'The handle is not a directory');
    return handle;
  }

  /**
   * Hides a handle from all later requests; it stays in the table until {@link remove}.
   *
   * @throws SftpError `EBADF`
   */
  beginClose(bytes: Buffer): Handle {
    const handle = this.get(bytes);
    this.#closing.add(numberOf(bytes));
    return handle;
  }

  /** The newest upload under a name that only this channel can see, until it has been committed. */
  stagedAt(path: SftpPath): FileHandle | undefined {
    let found: FileHandle | undefined;
    for (const handle of this.#handles.values()) {
      if (handle.kind === 'file' && handle.path === path && handle.staged) found = handle;
    }
    return found;
  }

  /** Takes a handle out that has been closed. */
  remove(bytes: Buffer): void {
    const number = numberOf(bytes);
    const handle = this.#handles.get(number);
    if (handle?.kind === 'file') this.#uploads.delete(handle);
    this.#handles.delete(number);
    this.#closing.delete(number);
  }

  /** Takes all handles out. */
  removeAll(): Handle[] {
    const handles = [...this.#handles.values()];
    for (const handle of handles) if (handle.kind === 'file') this.#uploads.delete(handle);
    this.#handles.clear();
    this.#closing.clear();
    return handles;
  }
}

function numberOf(bytes: Buffer): number {
  return bytes.length === HANDLE_BYTES ? bytes.readUInt32BE() : -1;
}
