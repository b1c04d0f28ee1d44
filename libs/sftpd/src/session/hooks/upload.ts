import type { SftpEvents } from '../../events/sftp-events.js';
import type {
  ContentDigest as Digest,
  TransferEvent,
  UploadAbortReason,
} from '../../events/storage-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import { toSftpError } from '../../filesystem/sftp-error.js';
import { CommitContent, type ReadFile } from './commit-content.js';
import { ContentDigest } from './content-digest.js';
import type { SftpGates } from './gates.js';
import type { DigestOfStored, Transfer } from './transfer.js';
import type { UploadLog } from './upload-log.js';

/** What an upload works with. */
export interface UploadParts {
  readonly about: TransferEvent;
  readonly flags: OpenFlags;
  readonly events: SftpEvents;
  readonly gates: SftpGates;
  /** Told of its end. */
  readonly log: UploadLog | undefined;
  /** Which digest is wanted. */
  readonly digest: string | undefined;
  readonly digestOfStored: DigestOfStored;
  /** Removes the file. */
  readonly remove: () => Promise<void>;
  /** Told once, when the file is committed or let go. */
  readonly onEnd: () => void;
}

/**
 * A file that a client has opened for writing. Exactly one of `upload.completed` and `upload.aborted` is told of it,
 * by what the storage has really done: a commit that the client was not kept waiting for is told when it is done.
 */
export class Upload implements Transfer {
  readonly kind = 'upload';
  readonly about: TransferEvent;
  readonly since = Date.now();
  bytes = 0;

  readonly #parts: UploadParts;
  readonly #digest: ContentDigest | undefined;
  #changed = false;
  /** Where the last of what was written ends. */
  #reached = 0;
  /** Bytes of the file as it was committed. */
  #size = 0;

  constructor(parts: UploadParts) {
    const { about, flags, digest, events } = parts;
    this.#parts = parts;
    this.about = about;
    this.#digest =
      digest !== undefined && events.has('upload.completed')
        ? new ContentDigest(digest, flags.append)
        : undefined;
    events.emit('upload.started', { ...about, flags });
  }

  didRead(): void {
    // What a client reads of its own upload is no download.
  }

  didWrite(data: Uint8Array, offset: number, sent: number): void {
    this.bytes += sent;
    this.#changed = true;
    this.#reached = Math.max(this.#reached, offset + data.length);
    this.#digest?.update(data, offset);
  }

  didChange(): void {
    this.#changed = true;
    this.#digest?.miss();
  }

  get gated(): boolean {
    return this.#parts.gates.has('upload.commit');
  }

  async mayCommit(size: number, read: ReadFile): Promise<void> {
    const content = this.#parts.gates.inspects ? await CommitContent.of(read) : undefined;
    const decided = new AbortController();
    try {
      await this.#parts.gates.pass('upload.commit', {
        ...this.about,
        bytes: this.bytes,
        size,
        read: content?.stream,
        signal: decided.signal,
      });
    } finally {
      content?.close();
      decided.abort();
    }
  }

  async refused(file: OpenFile): Promise<void> {
    const { truncate, exclusive } = this.#parts.flags;
    await file.abort();
    if (file.staged !== true && (truncate || exclusive)) await this.#parts.remove();
  }

  /** The log takes a file that was empty to be as large as what was sent, which costs no call of the storage. */
  get wantsSize(): boolean {
    const { events, gates, log, flags } = this.#parts;
    if (events.has('upload.completed') || gates.has('upload.acknowledge')) return true;
    return log !== undefined && !flags.truncate && !flags.exclusive;
  }

  committed(told: number | undefined): void {
    const digest = this.#digest;
    // At the end of a file nobody knows where that is, whatever the offsets say.
    const size = told ?? (this.#parts.flags.append ? this.bytes : this.#reached);
    this.#size = size;
    if (digest === undefined) {
      this.#completed(size, undefined);
      return;
    }
    const { algorithm } = digest;
    const hex = digest.finish(size);
    if (hex !== undefined) this.#completed(size, { algorithm, hex });
    else
      void this.#parts.digestOfStored(algorithm).then((found) => {
        this.#completed(size, found);
      });
  }

  mayAcknowledge(): MaybePromise<void> {
    const { gates } = this.#parts;
    return gates.has('upload.acknowledge') ? this.#acknowledge(gates) : undefined;
  }

  aborted(reason: UploadAbortReason, error?: Error, detail?: string): void {
    const { events, log, onEnd } = this.#parts;
    const event = { ...this.#ended(), reason, error };
    onEnd();
    log?.aborted(event, detail);
    events.emit('upload.aborted', event);
  }

  async #acknowledge(gates: SftpGates): Promise<void> {
    const about = { ...this.about, bytes: this.bytes, size: this.#size };
    try {
      await gates.pass('upload.acknowledge', about);
    } catch (error) {
      this.#parts.log?.unacknowledged(about, toSftpError(error));
      throw error;
    }
  }

  #completed(size: number, digest: Digest | undefined): void {
    const { events, log, onEnd } = this.#parts;
    const event = { ...this.#ended(), size, digest };
    onEnd();
    log?.completed(event, this.#changed);
    events.emit('upload.completed', event);
  }

  #ended(): TransferEvent & { readonly bytes: number; readonly duration: number } {
    return { ...this.about, bytes: this.bytes, duration: Date.now() - this.since };
  }
}
