import type { OpenFlags } from '../filesystem/open-file.js';
import type { SftpPath } from '../filesystem/path.js';
import type { SftpSession } from '../filesystem/session.js';

/** Something that a client does with a storage. */
export interface StorageEvent {
  /** Whose client it is. */
  readonly session: SftpSession;
  /** The name of the backend at work; nothing when it has none. */
  readonly backend: string | undefined;
}

/** Something that happens under one name. */
export interface PathEvent extends StorageEvent {
  /** As the session sees it. */
  readonly path: SftpPath;
}

/** Something of one transfer: an upload or a download. */
export interface TransferEvent extends PathEvent {
  /** Unique in this process: joins the events of one transfer. */
  readonly transferId: string;
}

/** A client has opened a file for writing. */
export interface UploadStartedEvent extends TransferEvent {
  /** How it was opened. */
  readonly flags: OpenFlags;
}

/** The digest of a file's content. */
export interface ContentDigest {
  /** As in the option `uploadDigest`. */
  readonly algorithm: string;
  /** Lower-case hexadecimal digits. */
  readonly hex: string;
}

/** A client has closed a file that it had open for writing, and the storage has it. */
export interface UploadCompletedEvent extends TransferEvent {
  /** Bytes that the client has sent for it. */
  readonly bytes: number;
  /** Bytes of the file as it is stored: more than `bytes` after a resumed upload. */
  readonly size: number;
  /** Milliseconds from OPEN. */
  readonly duration: number;
  /** Of the whole file; only where the option `uploadDigest` asks for it. */
  readonly digest: ContentDigest | undefined;
}

/**
 * Why an upload has not become a file: its connection was lost or its channel closed (`disconnected`), the server has
 * ended it (`terminated`), a write (`write`) or the commit (`commit`) has failed, or a gate has refused it (`gate`).
 */
export type UploadAbortReason = 'disconnected' | 'terminated' | 'write' | 'commit' | 'gate';

/** An upload has ended otherwise. What the storage keeps of it, if anything, is the backend's affair. */
export interface UploadAbortedEvent extends TransferEvent {
  /** Bytes that the client has sent for it. */
  readonly bytes: number;
  /** Milliseconds from OPEN. */
  readonly duration: number;
  /** Why it has not become a file. */
  readonly reason: UploadAbortReason;
  /** What has failed, or the gate's reason. */
  readonly error: Error | undefined;
}

/** A client has read a file to its end and closed it. */
export interface DownloadCompletedEvent extends TransferEvent {
  /** Bytes that the client was sent of it. */
  readonly bytes: number;
  /** Milliseconds from OPEN. */
  readonly duration: number;
}

/** A file or a directory has another name. */
export interface FileRenamedEvent extends StorageEvent {
  /** The name that it had, as the session sees it. */
  readonly from: SftpPath;
  /** The name that it has. */
  readonly to: SftpPath;
  /** Whether what had the name before would have been replaced. */
  readonly overwrite: boolean;
}
