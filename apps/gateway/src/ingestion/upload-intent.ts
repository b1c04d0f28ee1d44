import type { ContentDigest, SessionAttributes } from 'nestjs-sftpd';
import type { ContentLocation, UploadJob } from './upload-job.js';

/** How an upload has ended, where its end was seen. */
export interface UploadOutcome {
  readonly bytes: number;
  readonly size: number;
  readonly digest: ContentDigest | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** An upload that is about to be committed, or is and has no job yet. All of it is JSON, and no secret is in it. */
export interface UploadIntent {
  /** Unique among all gateways; can be the name of a file and the id of a job. */
  readonly id: string;
  /** The process that takes the upload. */
  readonly instance: string;
  readonly user: string;
  readonly path: string;
  readonly backend: string;
  readonly bytes: number;
  /** Bytes of the file that is about to be stored. */
  readonly size: number;
  /** When the client has closed the file, in milliseconds since 1970. */
  readonly at: number;
  /** Those attributes of the session without which the storage would not show the file. */
  readonly attributes: SessionAttributes;
  readonly content: ContentLocation | null;
  /** Only when the storage has the file for certain. */
  readonly outcome?: UploadOutcome;
}

/**
 * The id of an upload.
 *
 * @param instance a UUID
 * @param transferId unique in the process
 */
export function uploadId(instance: string, transferId: string): string {
  // BullMQ takes no colon in an id, and a file's name no slash.
  return `${instance}.${encodeURIComponent(transferId)}`;
}

/** The job of an upload that the storage has. */
export function jobOf(intent: UploadIntent): UploadJob {
  const { id, user, path, backend, content, outcome } = intent;
  return {
    uploadId: id,
    user,
    path,
    backend,
    bytes: outcome?.bytes ?? intent.bytes,
    size: outcome?.size ?? intent.size,
    digest: outcome?.digest ?? null,
    completedAt: new Date(outcome?.at ?? intent.at).toISOString(),
    content,
  };
}

/** @returns `undefined` when a text is no intent that this version can read */
export function parseIntent(text: string): UploadIntent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isIntent(value) ? value : undefined;
}

function isIntent(value: unknown): value is UploadIntent {
  if (!isRecord(value)) return false;
  const { id, instance, user, path, backend, bytes, size, at, attributes, content, outcome } =
    value;
  return (
    [id, instance, user, backend].every((one) => typeof one === 'string') &&
    typeof path === 'string' &&
    path.startsWith('/') &&
    [bytes, size, at].every(isCount) &&
    isRecord(attributes) &&
    (content === null || isLocation(content)) &&
    (outcome === undefined || isOutcome(outcome))
  );
}

function isLocation(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const texts = value.kind === 'folder' ? [value.root, value.path] : [value.bucket, value.key];
  return (
    (value.kind === 'folder' || value.kind === 's3') &&
    texts.every((text) => typeof text === 'string')
  );
}

function isOutcome(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { bytes, size, at, digest } = value;
  return [bytes, size, at].every(isCount) && (digest === null || isRecord(digest));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
