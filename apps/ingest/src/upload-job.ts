/** The queue that the gateway fills. */
export const UPLOADS_QUEUE = 'sftp-uploads';

/** Where the content of an upload is. */
export type ContentLocation =
  | { readonly kind: 'folder'; readonly root: string; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

/** As much of a job as this worker goes by. */
export interface UploadJob {
  /** Unique; untrusted are `user` and `path`. */
  readonly uploadId: string;
  readonly user: string;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** `null` where only the gateway has it. */
  readonly content: ContentLocation | null;
}

/**
 * Checks what a job holds: it comes from another program, perhaps of another version.
 *
 * @throws TypeError that says what is missing
 */
export function readJob(data: unknown): UploadJob {
  const job = record(data, 'the job');
  const { content } = job;
  return {
    uploadId: text(job, 'uploadId'),
    user: text(job, 'user'),
    path: text(job, 'path'),
    size: count(job, 'size'),
    content: content === null ? null : readLocation(record(content, 'content')),
  };
}

function readLocation(location: Readonly<Record<string, unknown>>): ContentLocation {
  switch (location['kind']) {
    case 'folder':
      return { kind: 'folder', root: text(location, 'root'), path: text(location, 'path') };
    case 's3':
      return { kind: 's3', bucket: text(location, 'bucket'), key: text(location, 'key') };
    default:
      throw new TypeError('content is of no kind that this worker knows');
  }
}

function record(value: unknown, called: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new TypeError(`${called} is no object`);
}

function text(from: Readonly<Record<string, unknown>>, name: string): string {
  const value = from[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${name} is no text`);
}

function count(from: Readonly<Record<string, unknown>>, name: string): number {
  const value = from[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`${name} is no number of bytes`);
}
