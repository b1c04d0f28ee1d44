import type { ObjectCannedACL, S3Client, S3ClientConfig, StorageClass } from '@aws-sdk/client-s3';

/** Where an {@link S3Backend} reports what its owner should know. Nest's `Logger` is one. */
export interface S3Log {
  /** What happens in the ordinary way. */
  log(message: string): void;
  /** What somebody should look at, though all goes on. */
  warn(message: string): void;
  /** What has failed. */
  error(message: string): void;
}

/** A prefix that the authenticator gives each session: tenants in one bucket. */
export interface SessionPrefix {
  /** Name of the session attribute that holds the prefix, a string such as `tenant-a/`. */
  readonly sessionAttribute: string;
}

/** How objects are encrypted at rest. */
export interface S3Encryption {
  /** By the store's own keys, or by those of AWS KMS. */
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** Key of `aws:kms`. @default the bucket's own */
  readonly kmsKeyId?: string;
}

/**
 * What becomes of a WRITE into bytes of an upload that have gone to the store already, or far ahead of them.
 *
 * - `allow`: a client that writes at random is given a private temporary file from then on; bytes that have gone
 *   already cannot be written again.
 * - `spool`: every upload is gathered in a temporary file and sent at CLOSE; anything goes.
 * - `refuse`: no temporary file is ever made; such a WRITE fails.
 */
export type RandomWrites = 'allow' | 'spool' | 'refuse';

/** What an {@link S3Backend} serves, and how. */
export interface S3BackendOptions {
  /** The name of the bucket. */
  readonly bucket: string;
  /**
   * What all keys begin with; it ends in `/`, which is added when missing. A session whose attribute is missing,
   * empty or malformed is refused.
   * @default '' (the whole bucket)
   */
  readonly prefix?: string | SessionPrefix;
  /** Make the bucket at the start when it is missing. @default false */
  readonly createBucket?: boolean;

  /** A client of the application's own, in place of the options of the connection below; it is not destroyed. */
  readonly client?: S3Client;
  /** URL of an S3-compatible store. @default Amazon's, by region */
  readonly endpoint?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Name the bucket in the path and not in the host name, as most S3-compatible stores want it. @default false */
  readonly forcePathStyle?: boolean;
  /** Keys, or a provider of them. @default as the AWS SDK finds them (environment, files, instance) */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>;
  /** Milliseconds until a connection must stand. @default 5000 */
  readonly connectionTimeout?: number;
  /** Milliseconds that a connection may be silent within a request. @default 10000 */
  readonly socketTimeout?: number;
  /** Tries of one request. @default 4 */
  readonly maxAttempts?: number;
  /**
   * Milliseconds for one request with all its tries (those of a part of a long upload or copy have their own,
   * {@link transferTimeout}). Keep it below the server's `requestTimeout`.
   * @default 20000
   */
  readonly requestTimeout?: number;
  /** Milliseconds for one part of an upload or of a copy inside the store, with all its tries. @default 300000 */
  readonly transferTimeout?: number;

  /** Bytes of a part of a multipart upload, 5 MiB at least; it grows with the upload. @default 5242880 (5 MiB) */
  readonly partSize?: number;
  /** Parts of one upload that are on their way at once. @default 4 */
  readonly uploadConcurrency?: number;
  /** Memory for all uploads of this backend together, in bytes. @default 134217728 (128 MiB) */
  readonly maxUploadMemoryBytes?: number;
  /** @default 'allow' */
  readonly randomWrites?: RandomWrites;
  /** Directory of the private temporary files. @default the operating system's */
  readonly temporaryDirectory?: string;
  /** All temporary files of this backend together, in bytes. @default 17179869184 (16 GiB) */
  readonly maxTemporaryBytes?: number;
  /** Ranges of one download that are on their way at once. @default 4 */
  readonly downloadConcurrency?: number;
  /** The longest range, in bytes. @default 4194304 (4 MiB) */
  readonly downloadRangeSize?: number;
  /** Memory for what all downloads of this backend have read ahead, in bytes. @default 134217728 (128 MiB) */
  readonly maxDownloadMemoryBytes?: number;
  /** Objects that are copied or removed at once when a directory is renamed. @default 16 */
  readonly copyConcurrency?: number;

  /** Storage class of what is written. @default the bucket's own */
  readonly storageClass?: StorageClass;
  /** Canned ACL of what is written. @default the bucket's own */
  readonly acl?: ObjectCannedACL;
  /** @default the bucket's own */
  readonly serverSideEncryption?: S3Encryption;
  /**
   * Milliseconds after which a multipart upload below the prefix that nobody has finished is aborted as left over;
   * `false` leaves them alone. It must be longer than any upload takes, also those of other processes.
   * @default 86400000 (a day)
   */
  readonly abandonedUploadAge?: number | false;
  /** @default silence */
  readonly log?: S3Log;
}
