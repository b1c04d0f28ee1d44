import { SftpError } from '../../../filesystem/sftp-error.js';
import { isPreconditionFailed } from '../store/s3-errors.js';
import type { ObjectVersion } from '../store/stored-object.js';
import type { TransferMemory } from '../transfer-memory.js';
import type { AheadRange } from './ahead-range.js';
import { PendingRead } from './pending-read.js';
import { TransferBuffers } from '../transfer-buffers.js';
import type { ObjectSource } from './range-download.js';
import { RangeDownloads } from './range-downloads.js';
import type { ReadLimits } from './read-limits.js';
import { ReadWindow } from './read-window.js';

/**
 * Reads one version of an object by ranges. A READ somewhere costs one GET of exactly its bytes; READs that follow
 * one another, also many in flight at once, are served from longer ranges that are read ahead, several of them in
 * parallel. A READ waits for its own bytes only, and what was read ahead is let go as the client takes it.
 *
 * An object that is overwritten in between fails this READ and all after it: bytes of two versions are never mixed.
 */
export class ObjectReader {
  readonly #size: number;
  readonly #limits: ReadLimits;
  readonly #downloads: RangeDownloads;
  readonly #window: ReadWindow;
  /** In the order in which they came, which is that of their limits of time. */
  readonly #pending = new Set<PendingRead>();
  /** Those of them that cannot be asked for yet. */
  readonly #queue = new Set<PendingRead>();
  #timer: NodeJS.Timeout | undefined;
  /** Why no READ succeeds any more. */
  #ended: SftpError | undefined;

  /**
   * @param store where the bytes come from
   * @param object what is read; neither its size nor its ETag is asked for again
   * @param memory for what is read ahead, which others share
   * @param buffers of {@link ReadLimits.rangeSize}, which others may share
   * @default buffers its own
   */
  constructor(
    store: ObjectSource,
    object: ObjectVersion,
    limits: ReadLimits,
    memory: TransferMemory,
    buffers: TransferBuffers = new TransferBuffers(limits.rangeSize, limits.concurrency),
  ) {
    this.#size = object.size;
    this.#limits = limits;
    this.#downloads = new RangeDownloads(store, object, limits);
    this.#window = new ReadWindow(object.size, limits, memory, buffers, this.#downloads, {
      needs: (range) => this.#needs(range),
      arrived: (range) => {
        this.#arrived(range);
      },
      loaded: () => {
        this.#advance();
      },
      failed: (range, error) => {
        this.#rangeFailed(range, error);
      },
    });
  }

  /**
   * Fills `target` from `offset` on.
   *
   * @param target not to be used before the READ has settled; nothing is written into it afterwards
   * @param offset bytes from the start of the object
   * @returns the number of bytes, less than `target.length` only where the object ends; no promise when they are
   * here already. A failure is always a rejection.
   * @throws SftpError `EBADF` after {@link close}; `ETIMEDOUT`; `EIO`, also when the object is another one now; and
   * what the store answers
   */
  read(target: Uint8Array, offset: number): number | Promise<number> {
    if (this.#ended) return Promise.reject(this.#ended);
    const end = Math.min(offset + target.length, this.#size);
    if (offset >= end) return 0;
    const course = this.#window.follow(offset, end);
    if (course === 'seek') this.#leaveAlone();
    const at = this.#takeHeld(target, offset, end);
    if (at === end) {
      this.#advance();
      return end - offset;
    }
    return this.#wait(target, offset, at, end, course === 'stray');
  }

  /** Aborts what is under way and gives back all memory; READs that wait fail with `EBADF`. */
  close(): void {
    this.#stop(new SftpError('EBADF'));
  }

  /** Copies the bytes that are here. @returns where the first one is missing */
  #takeHeld(target: Uint8Array, offset: number, end: number): number {
    let at = offset;
    while (at < end) {
      const range = this.#window.rangeAt(at);
      if (!range?.has(end)) break;
      at += range.copy(target, at - offset, at, end);
      this.#window.settle(range);
    }
    return at;
  }

  #wait(
    target: Uint8Array,
    offset: number,
    at: number,
    end: number,
    alone: boolean,
  ): Promise<number> {
    const { requestTimeout } = this.#limits;
    const expires = performance.now() + requestTimeout;
    const read = new PendingRead(target, offset, at, end, expires, alone);
    this.#pending.add(read);
    this.#queue.add(read);
    if (this.#timer === undefined) this.#expireAfter(requestTimeout);
    this.#advance();
    return read.done;
  }

  /** Asks for what may be asked for now, and gives the queue what there is. */
  #advance(): void {
    this.#window.extend();
    for (const read of this.#queue) {
      if (this.#serve(read)) this.#queue.delete(read);
    }
  }

  /** Has a READ wait for a range or for a GET of its own. @returns `false` when there is neither yet */
  #serve(read: PendingRead): boolean {
    for (;;) {
      const range = this.#window.rangeAt(read.at);
      if (range === undefined) break;
      if (!range.has(read.end)) {
        range.await(read);
        return true;
      }
      this.#take(range, read);
      if (read.complete) return true;
    }
    if (this.#downloads.full || (!read.alone && this.#window.awaits(read.at))) return false;
    this.#fetch(read);
    return true;
  }

  #take(range: AheadRange, read: PendingRead): void {
    read.fillFrom(range);
    this.#window.settle(range);
    if (read.complete) this.#succeed(read);
  }

  /** Fetches exactly what a READ still needs. */
  #fetch(read: PendingRead): void {
    if (!read.alone) this.#window.skip(read.end);
    read.download = this.#downloads.begin(read.at, read.end, {
      bytes: (chunk) => {
        read.fill(chunk);
        if (read.complete) this.#succeed(read);
      },
      end: () => {
        this.#advance();
      },
      failed: (error) => {
        if (isPreconditionFailed(error)) {
          this.#stop(changed(error));
          return;
        }
        this.#fail(read, error);
        this.#advance();
      },
    });
  }

  #needs(range: AheadRange): boolean {
    for (const read of this.#pending) {
      if (read.at < range.end && read.end > range.start) return true;
    }
    return false;
  }

  #arrived(range: AheadRange): void {
    for (const read of range.ready()) {
      // The others that wait keep the range until it is their turn.
      range.leave(read);
      this.#take(range, read);
      if (!read.complete) this.#queue.add(read);
    }
    this.#advance();
  }

  /** What has failed was longer than what any READ needs: each one has a try of its own. */
  #rangeFailed(range: AheadRange, error: SftpError): void {
    const waiting = [...range.waiting];
    if (waiting.length > 0 && isPreconditionFailed(error)) {
      this.#stop(changed(error));
      return;
    }
    for (const read of waiting) {
      range.leave(read);
      this.#queue.add(read);
    }
    this.#advance();
  }

  /** The client reads elsewhere: no range is going to have what it still waits for. */
  #leaveAlone(): void {
    for (const read of this.#pending) read.alone = true;
  }

  #succeed(read: PendingRead): void {
    this.#pending.delete(read);
    read.succeed();
  }

  #fail(read: PendingRead, error: SftpError): void {
    this.#pending.delete(read);
    this.#queue.delete(read);
    // It writes into the target, which is not ours any more.
    if (read.download) this.#downloads.cancel(read.download);
    const { range } = read;
    if (range) {
      range.leave(read);
      this.#window.settle(range);
    }
    read.fail(error);
  }

  #expireAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#expire();
    }, milliseconds);
    this.#timer.unref();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const read of this.#pending) {
      if (read.expires > now) {
        this.#expireAfter(Math.ceil(read.expires - now));
        break;
      }
      this.#fail(read, new SftpError('ETIMEDOUT'));
    }
    this.#advance();
  }

  #stop(error: SftpError): void {
    this.#ended = error;
    clearTimeout(this.#timer);
    this.#downloads.cancelAll();
    this.#window.clear();
    this.#queue.clear();
    for (const read of this.#pending) read.fail(error);
    this.#pending.clear();
  }
}

function changed(cause: SftpError): SftpError {
  return new SftpError('EIO', 'The file was changed while it was being read', { cause });
}
