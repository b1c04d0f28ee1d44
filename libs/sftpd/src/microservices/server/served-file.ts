import type { AttributeChanges, FileInfo } from '../../filesystem/file-info.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { OpenFile } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { Leased } from './lease-table.js';

/**
 * An open file of this side, for one client. Keeps for the backend what its contract promises it, whatever the
 * messages do: changes one at a time, one end, and no call beside it.
 */
export class ServedFile implements Leased {
  readonly kind = 'file';
  readonly path: SftpPath;
  readonly #file: OpenFile;
  readonly #underWay = new Set<Promise<unknown>>();
  #lastChange: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(path: SftpPath, file: OpenFile) {
    this.path = path;
    this.#file = file;
  }

  get canSetAttributes(): boolean {
    return this.#file.setAttributes !== undefined;
  }

  get staged(): boolean {
    return this.#file.staged === true;
  }

  get canSync(): boolean {
    return this.#file.sync !== undefined;
  }

  /** @returns the bytes at `offset`, fewer than `length` only at the end of the file */
  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#call(async () => {
      const target = Buffer.allocUnsafe(length);
      const count = await this.#file.read(target, offset);
      if (!Number.isInteger(count) || count < 0 || count > length) {
        throw new TypeError(
          `The backend says that it has read ${String(count)} of ${length} bytes`,
        );
      }
      return target.subarray(0, count);
    });
  }

  stat(): Promise<FileInfo> {
    return this.#call(() => this.#file.stat());
  }

  write(data: Uint8Array, offset: number): Promise<void> {
    return this.#change(() => this.#file.write(data, offset));
  }

  /** @throws SftpError `ENOTSUP` when the file cannot */
  setAttributes(changes: AttributeChanges): Promise<void> {
    return this.#change(() => {
      if (this.#file.setAttributes === undefined) throw new SftpError('ENOTSUP');
      return this.#file.setAttributes(changes);
    });
  }

  /** @throws SftpError `ENOTSUP` when the file cannot */
  sync(): Promise<void> {
    return this.#change(() => {
      if (this.#file.sync === undefined) throw new SftpError('ENOTSUP');
      return this.#file.sync();
    });
  }

  close(): Promise<void> {
    return this.#end(() => this.#file.close());
  }

  abort(): Promise<void> {
    return this.#end(() => this.#file.abort());
  }

  abandon(): Promise<void> {
    return this.abort();
  }

  #change(change: () => MaybePromise<void>): Promise<void> {
    const before = this.#lastChange;
    const done = this.#call(() => before.then(change));
    this.#lastChange = done.catch(() => undefined);
    return done;
  }

  async #end(end: () => MaybePromise<void>): Promise<void> {
    if (this.#ended) throw new SftpError('EBADF');
    this.#ended = true;
    await Promise.allSettled(this.#underWay);
    await end();
  }

  async #call<T>(call: () => MaybePromise<T>): Promise<T> {
    if (this.#ended) throw new SftpError('EBADF');
    const outcome = Promise.resolve().then(call);
    this.#underWay.add(outcome);
    try {
      return await outcome;
    } finally {
      this.#underWay.delete(outcome);
    }
  }
}
