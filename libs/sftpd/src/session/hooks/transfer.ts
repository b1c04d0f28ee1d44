import type {
  ContentDigest,
  TransferEvent,
  UploadAbortReason,
} from '../../events/storage-events.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { OpenFile } from '../../filesystem/open-file.js';
import type { ReadFile } from './commit-content.js';

/** Follows one open file from its OPEN to its end, and tells of it. */
export interface Transfer {
  readonly kind: 'upload' | 'download';
  readonly about: TransferEvent;
  /** When the file was opened, as `Date.now()` gives it. */
  readonly since: number;
  /** Bytes that have come from the client, or gone to it. */
  readonly bytes: number;

  /** Bytes have been read; fewer than asked for at the end of the file. */
  didRead(offset: number, count: number, asked: number): void;
  /**
   * Bytes have been written.
   *
   * @param sent how many of them the client has sent
   */
  didWrite(data: Uint8Array, offset: number, sent: number): void;
  /** The content has changed otherwise. */
  didChange(): void;

  /** Whether gates have to be asked before the commit. */
  readonly gated: boolean;
  /**
   * Asks them.
   *
   * @param size bytes of the file
   * @throws SftpError of the one that refuses
   */
  mayCommit(size: number, read: ReadFile): Promise<void>;
  /** What has been refused is let go: a new file that all can see already does not stay. */
  refused(file: OpenFile): Promise<void>;

  /** Whether {@link committed} wants to know the size of the file. */
  readonly wantsSize: boolean;
  /** @param size bytes of the file; nothing where it was not asked for, or could not be told */
  committed(size: number | undefined): void;
  /**
   * Asks, after the commit, whether the client may be told of it.
   *
   * @throws SftpError of the gate that refuses: the client is told that, and the storage has the file
   */
  mayAcknowledge(): MaybePromise<void>;
  /** @param detail the reason in words, for the log */
  aborted(reason: UploadAbortReason, error?: Error, detail?: string): void;
}

/** Finds out the digest of a file that has been stored. */
export type DigestOfStored = (algorithm: string) => Promise<ContentDigest | undefined>;
