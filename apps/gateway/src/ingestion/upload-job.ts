import type { ContentDigest } from 'nestjs-sftpd';

/** The queue of completed uploads. */
export const UPLOADS_QUEUE = 'sftp-uploads';

/** Where a worker finds the content of an upload. */
export type ContentLocation = FolderLocation | S3Location;

/** A file below the root of a folder. */
export interface FolderLocation {
  readonly kind: 'folder';
  /** An absolute path of the gateway's machine. */
  readonly root: string;
  /** Begins with a slash and is taken from the root on. */
  readonly path: string;
}

/** An object in a bucket. */
export interface S3Location {
  readonly kind: 's3';
  readonly bucket: string;
  readonly key: string;
}

/** What a job of the queue holds. */
export interface UploadJob {
  /** Unique among all gateways; the id of the job, too. */
  readonly uploadId: string;
  /** The name that the client logged in with; untrusted text. */
  readonly user: string;
  /** As the client's session sees it; untrusted text. */
  readonly path: string;
  /** The backend's name, or the kind of the storage where it has none. */
  readonly backend: string;
  /** Bytes that the client has sent. */
  readonly bytes: number;
  /** Bytes of the file as it is stored: more than `bytes` after a resumed upload. */
  readonly size: number;
  /** Of the whole file; `null` where it is not known, as after the loss of the process that took the upload. */
  readonly digest: ContentDigest | null;
  /** ISO 8601; when the client has closed the file, where nobody has seen the end of the commit. */
  readonly completedAt: string;
  /** `null` where no other process can read the content: in the gateway's memory. */
  readonly content: ContentLocation | null;
}
