import type { SftpEvents } from '../../events/sftp-events.js';
import type { TransferEvent } from '../../events/storage-events.js';
import type { Transfer } from './transfer.js';

/** A file that a client has opened for reading. */
export class Download implements Transfer {
  readonly kind = 'download';
  readonly gated = false;
  readonly about: TransferEvent;
  readonly since = Date.now();
  bytes = 0;

  readonly #events: SftpEvents;
  readonly #onEnd: () => void;
  #furthest = 0;
  #reachedEnd = false;

  /** @param onEnd told once, when the file is closed or let go */
  constructor(about: TransferEvent, events: SftpEvents, onEnd: () => void) {
    this.about = about;
    this.#events = events;
    this.#onEnd = onEnd;
  }

  didRead(offset: number, count: number, asked: number): void {
    this.bytes += count;
    this.#furthest = Math.max(this.#furthest, offset + count);
    if (count < asked) this.#reachedEnd = true;
  }

  didWrite(): void {
    // Nothing is written to a file that is open for reading only.
  }

  didChange(): void {
    // Its attributes may change, which is no part of a download.
  }

  async mayCommit(): Promise<void> {
    // Nothing is committed.
  }

  async refused(): Promise<void> {
    // Nothing is committed.
  }

  /** Some clients stop at the size that STAT has told, without a look beyond it. */
  get wantsSize(): boolean {
    return !this.#reachedEnd && this.bytes > 0 && this.#events.has('download.completed');
  }

  committed(size: number | undefined): void {
    this.#onEnd();
    if (!this.#reachedEnd && (size === undefined || this.bytes === 0 || this.#furthest < size))
      return;
    const { about, bytes } = this;
    this.#events.emit('download.completed', { ...about, bytes, duration: Date.now() - this.since });
  }

  mayAcknowledge(): void {
    // A client needs no leave to have read.
  }

  aborted(): void {
    this.#onEnd();
  }
}
