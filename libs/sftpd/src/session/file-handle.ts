import type { SftpBackend } from '../filesystem/backend.js';
import type { AttributeChanges, FileInfo } from '../filesystem/file-info.js';
import type { MaybePromise } from '../filesystem/maybe-promise.js';
import type { OpenFile, OpenFlags } from '../filesystem/open-file.js';
import type { SftpPath } from '../filesystem/path.js';
import { SftpError, toSftpError } from '../filesystem/sftp-error.js';
import type { SftpSession } from '../filesystem/session.js';
import type { Claim } from './request-order.js';
import type { UploadAbortReason } from '../events/storage-events.js';
import type { Transfer } from './hooks/transfer.js';
import { isPromiseLike, then, withTimeLimit } from './time-limit.js';

/** Limits of a file's calls, in milliseconds. */
export interface FileTimeouts {
  readonly close: number;
  readonly request: number;
}

/**
 * An open file of a client. It keeps the promise that a file ends once: committed by CLOSE, or aborted
 * when the client is gone or a write of it has failed, so that what is not whole is not passed off as whole.
 */
export class FileHandle {
  readonly kind = 'file';
  readonly path: SftpPath;
  readonly flags: OpenFlags;
  /** What a request that reads, or that changes, this file claims. */
  readonly claims: { readonly read: readonly Claim[]; readonly change: readonly Claim[] };

  readonly #file: OpenFile;
  readonly #timeouts: FileTimeouts;
  readonly #transfer: Transfer;
  #failure: SftpError | undefined;
  #pending = 0;
  #written = false;
  #ended = false;
  #idle: (() => void) | undefined;

  /** @param transfer told of what is done with the file, and asked before it is committed */
  constructor(file: OpenFile, flags: OpenFlags, transfer: Transfer, timeouts: FileTimeouts) {
    const { path } = transfer.about;
    this.path = path;
    this.flags = flags;
    this.#transfer = transfer;
    this.#file = file;
    this.#timeouts = timeouts;
    this.claims = {
      read: [{ key: path, exclusive: false }],
      change: [{ key: path, exclusive: true }],
    };
  }

  /** Whether the file's name shows to all others what was there before, and is going to show this file. */
  get staged(): boolean {
    return this.#file.staged === true && !this.#ended && this.#failure === undefined;
  }

  /**
   * Fills `target` from `offset`; the number of bytes read, which is one that `target` can hold.
   *
   * @throws SftpError `EBADF`, `ETIMEDOUT`; TypeError when the backend's count is none
   */
  read(target: Uint8Array, offset: number): MaybePromise<number> {
    if (!this.flags.read) throw new SftpError('EBADF', 'The handle is not open for reading');
    return then(
      this.#call('read', () => this.#file.read(target, offset)),
      (count) => {
        this.#transfer.didRead(offset, assertCount(count, target.length), target.length);
        return count;
      },
    );
  }

  /**
   * @param sent how many of the bytes the client has sent for it
   * @default sent all of them
   * @throws SftpError `EBADF`, `EFBIG`, `EIO` (an earlier write failed), `ETIMEDOUT`
   */
  write(data: Uint8Array, offset: number, sent = data.length): MaybePromise<void> {
    if (!this.flags.write) throw new SftpError('EBADF', 'The handle is not open for writing');
    this.#assertWhole();
    if (!Number.isSafeInteger(offset + data.length)) throw new SftpError('EFBIG');
    this.#written = true;
    // The buffer is used again once the file has taken what is in it.
    this.#transfer.didWrite(data, offset, sent);
    return this.#change('write', () => this.#file.write(data, offset));
  }

  /** Whether {@link copyFrom} may be of use. */
  get takesCopies(): boolean {
    return this.#file.copyFrom !== undefined && !this.#written;
  }

  /**
   * Takes over the whole content of another open file inside the storage, if that can do so and nothing has been
   * written yet.
   *
   * @returns whether it has; nothing is changed otherwise
   */
  async copyFrom(source: FileHandle): Promise<boolean> {
    const file = this.#file;
    if (!this.takesCopies) return false;
    this.#assertWhole();
    return source.#lend(async (lent) => {
      const taken = await this.#call('copyFrom', () => file.copyFrom?.(lent) ?? false);
      this.#written ||= taken;
      if (taken) this.#transfer.didChange();
      return taken;
    });
  }

  stat(): MaybePromise<FileInfo> {
    return this.#call('stat', () => this.#file.stat());
  }

  /** @throws SftpError `EBADF` (a size on a read-only handle), `ENOTSUP`, and what the backend throws */
  setAttributes(
    changes: AttributeChanges,
    backend: SftpBackend,
    session: SftpSession,
  ): MaybePromise<void> {
    if (changes.size !== undefined && !this.flags.write) {
      throw new SftpError('EBADF', 'The handle is not open for writing');
    }
    if (changes.size !== undefined) this.#transfer.didChange();
    if (this.#file.setAttributes) {
      const file = this.#file;
      return this.#call('setAttributes', () => file.setAttributes?.(changes));
    }
    if (!backend.setAttributes) throw new SftpError('ENOTSUP');
    return this.#call('setAttributes', () => backend.setAttributes?.(this.path, changes, session));
  }

  /** @throws SftpError `ENOTSUP` when the file cannot, `EIO` (an earlier write failed) */
  sync(): MaybePromise<void> {
    this.#assertWhole();
    if (!this.#file.sync) throw new SftpError('ENOTSUP');
    return this.#change('sync', () => this.#file.sync?.());
  }

  /** Marks the file as not whole: its commit will be refused. */
  spoil(error: unknown): SftpError {
    this.#failure ??= toSftpError(error);
    return this.#failure;
  }

  /**
   * Ends the file as its client wishes.
   *
   * @param track told of what is still to be done when the client has its answer
   * @throws SftpError when an earlier write has failed, and the file is aborted as soon as no call is under way;
   * that of a gate that refuses, before the file is stored or after it; or what its own end throws
   */
  async commit(track?: (work: Promise<unknown>) => void): Promise<void> {
    if (this.#ended) throw new SftpError('EBADF', 'The handle is closed');
    if (this.#failure) {
      const failure = this.#failure;
      const aborted = this.abort();
      track?.(aborted);
      throw new SftpError(failure.code, 'The file is not whole: an earlier write failed', {
        cause: failure,
      });
    }
    this.#ended = true;
    if (this.#transfer.gated) await this.#passGates();
    const done = this.#whenIdle().then(() => this.#close());
    await withTimeLimit(done, this.#timeouts.close, 'close');
    await this.#transfer.mayAcknowledge();
  }

  /**
   * Lets go of the file, once no call is under way on it. Never rejects: what goes wrong is returned.
   *
   * @param reason why it is not committed, where no write has failed
   * @param detail the same in words, for the log
   */
  async abort(
    reason: UploadAbortReason = 'disconnected',
    detail?: string,
  ): Promise<SftpError | undefined> {
    if (this.#ended) return undefined;
    this.#ended = true;
    const done = this.#whenIdle().then(() => this.#file.abort());
    try {
      await withTimeLimit(done, this.#timeouts.close, 'abort');
      return undefined;
    } catch (error) {
      return toSftpError(error);
    } finally {
      this.#transfer.aborted(this.#failure ? 'write' : reason, this.#failure, detail);
    }
  }

  async #passGates(): Promise<void> {
    const file = this.#file;
    await this.#whenIdle();
    let reason: UploadAbortReason = 'commit';
    try {
      const { size } = await this.#statAtEnd();
      reason = 'gate';
      const read = (target: Uint8Array, offset: number): MaybePromise<number> =>
        then(
          withTimeLimit(this.#counted(file.read(target, offset)), this.#timeouts.request, 'read'),
          (count) => assertCount(count, target.length),
        );
      await this.#transfer.mayCommit(size, read);
    } catch (error) {
      const refusal = toSftpError(error);
      const refused = this.#whenIdle().then(() => this.#transfer.refused(file));
      try {
        await withTimeLimit(refused, this.#timeouts.close, 'abort');
      } finally {
        this.#transfer.aborted(reason, refusal);
      }
      throw refusal;
    }
  }

  async #close(): Promise<void> {
    const size = this.#transfer.wantsSize ? await this.#sizeToTell() : undefined;
    try {
      await this.#file.close();
    } catch (error) {
      this.#transfer.aborted('commit', toSftpError(error));
      throw error;
    }
    this.#transfer.committed(size);
  }

  /** The size is for events and the log alone: a file that cannot tell it is committed nevertheless. */
  async #sizeToTell(): Promise<number | undefined> {
    try {
      return (await this.#statAtEnd()).size;
    } catch {
      return undefined;
    }
  }

  /** The file's end is not kept waiting for a call that only asks. */
  #statAtEnd(): MaybePromise<FileInfo> {
    return withTimeLimit(this.#file.stat(), this.#timeouts.request, 'stat');
  }

  /** A call that has run out of time may still be under way at the backend. */
  async #whenIdle(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  /** Gives the file to a call of another one's, which counts as a call of its own. */
  async #lend<T>(borrow: (file: OpenFile) => Promise<T>): Promise<T> {
    return this.#call('copyFrom', () => borrow(this.#file));
  }

  #assertWhole(): void {
    if (this.#failure) {
      throw new SftpError('EIO', 'An earlier write to this handle failed', {
        cause: this.#failure,
      });
    }
  }

  /** A call whose failure leaves the file in doubt. */
  #change(what: string, call: () => MaybePromise<void>): MaybePromise<void> {
    try {
      const outcome = this.#call(what, call);
      if (!isPromiseLike(outcome)) return outcome;
      return outcome.then(undefined, (error: unknown) => {
        throw this.spoil(error);
      });
    } catch (error) {
      throw this.spoil(error);
    }
  }

  #call<T>(what: string, call: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#ended) throw new SftpError('EBADF', 'The handle is closed');
    return withTimeLimit(this.#counted(call()), this.#timeouts.request, what);
  }

  #counted<T>(outcome: MaybePromise<T>): MaybePromise<T> {
    if (!isPromiseLike(outcome)) return outcome;
    this.#pending++;
    const settled = (): void => {
      if (--this.#pending === 0) this.#idle?.();
    };
    outcome.then(settled, settled);
    return outcome;
  }
}

function assertCount(count: number, length: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= length) return count;
  throw new TypeError(`The backend's read returned ${count}; 0 to ${length} was expected`);
}
