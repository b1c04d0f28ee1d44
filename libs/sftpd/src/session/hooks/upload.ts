import type { SftpEvents } from '../../events/sftp-events.js';
import type {
  ContentDigest as Digest,
  TransferEvent,
  UploadAbortReason,
} from '../../events/storage-events.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import { CommitContent, type ReadFile } from './commit-content.js';
import { ContentDigest } from './content-digest.js';
import type { SftpGates } from './gates.js';
import type { DigestOfStored, Transfer } from './transfer.js';

/** What an upload works with. */
export interface UploadParts {
  readonly about: TransferEvent;
  readonly flags: OpenFlags;
  readonly events: SftpEvents;
  readonly gates: SftpGates;
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

  constructor(parts: UploadParts) {
    const { about, flags, digest, events } = parts;
    this.#parts = parts;
    this.about = about;
    this.#digest =
      digest !== undefined && this.wantsSize ? new ContentDigest(digest, flags.append) : undefined;
    events.emit('upload.started', { ...about, flags });
  }

  didRead(): void {
    // What a client reads of its own upload is no download.
  }

  didWrite(data: Uint8Array, offset: number): void {
    this.bytes += data.length;
    this.#digest?.update(data, offset);
  }

  didChange(): void {
    this.#digest?.miss();
  }

  get gated(): boolean {
    return this.#parts.gates.has('upload.commit');
  }

  async mayCommit(file: OpenFile, read: ReadFile): Promise<void> {
    const { size } = await file.stat();
    const content = await CommitContent.of(read);
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

  get wantsSize(): boolean {
    return this.#parts.events.has('upload.completed');
  }

  committed(size: number): void {
    const digest = this.#digest;
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

  aborted(reason: UploadAbortReason, error?: Error): void {
    const { about, bytes } = this;
    const duration = Date.now() - this.since;
    this.#parts.onEnd();
    this.#parts.events.emit('upload.aborted', { ...about, bytes, duration, reason, error });
  }

  #completed(size: number, digest: Digest | undefined): void {
    const { about, bytes } = this;
    const duration = Date.now() - this.since;
    this.#parts.onEnd();
    this.#parts.events.emit('upload.completed', { ...about, bytes, size, duration, digest });
  }
}
