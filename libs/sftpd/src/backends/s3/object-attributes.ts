import type { AttributeChanges, FileInfo } from '../../filesystem/file-info.js';

/** User metadata of an object; names in lower case, as S3 keeps them. */
export type ObjectMetadata = Readonly<Record<string, string>>;

/**
 * The attributes of a file that an object keeps in its metadata. The names and the formats are those of s3fs and
 * rclone: `mtime` and `atime` in seconds since 1970, `mode` as `st_mode`, in decimal.
 */
export interface KeptAttributes {
  readonly mode?: number;
  readonly accessedAt?: Date;
  readonly modifiedAt?: Date;
}

/** `S_IFREG`, which s3fs wants to find in `mode`. */
const REGULAR = 0o100000;
const PERMISSIONS = 0o7777;
/** The last second that a `Date` can tell. */
const MAX_SECONDS = 8_640_000_000_000;

/** The attributes that metadata hold; those of a foreign format are left out. */
export function attributesOf(metadata: ObjectMetadata): KeptAttributes {
  const mode = /^\d{1,7}$/.test(metadata['mode'] ?? '') ? Number(metadata['mode']) : undefined;
  const accessedAt = timeOf(metadata['atime']);
  const modifiedAt = timeOf(metadata['mtime']);
  return {
    ...(mode !== undefined && { mode: mode & PERMISSIONS }),
    ...(accessedAt && { accessedAt }),
    ...(modifiedAt && { modifiedAt }),
  };
}

/** Metadata with attributes set in them; what else they hold stays. */
export function withAttributes(
  metadata: ObjectMetadata,
  { mode, accessedAt, modifiedAt }: KeptAttributes,
): ObjectMetadata {
  return {
    ...metadata,
    ...(mode !== undefined && { mode: String(REGULAR | (mode & PERMISSIONS)) }),
    ...(accessedAt && { atime: secondsOf(accessedAt) }),
    ...(modifiedAt && { mtime: secondsOf(modifiedAt) }),
  };
}

/** The attributes after changes; the changes' size, owner and group are not among them. */
export function changedAttributes(
  kept: KeptAttributes,
  { mode, accessedAt, modifiedAt }: AttributeChanges,
): KeptAttributes {
  return {
    ...kept,
    ...(mode !== undefined && { mode }),
    ...(accessedAt && { accessedAt }),
    ...(modifiedAt && { modifiedAt }),
  };
}

/** What STAT tells of an object. */
export function fileInfoOf(size: number, lastModified: Date, kept: KeptAttributes): FileInfo {
  return { type: 'regular', size, modifiedAt: lastModified, ...kept };
}

function timeOf(text = ''): Date | undefined {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  return seconds <= MAX_SECONDS ? new Date(Math.round(seconds * 1000)) : undefined;
}

function secondsOf(time: Date): string {
  return String(time.getTime() / 1000);
}
