import type { TemporaryFile } from '../../../filesystem/open-files/temporary-file.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import type { ObjectReader } from '../reading/object-reader.js';
import type { S3Context } from '../s3-context.js';
import type { StoredObject } from '../store/stored-object.js';
import type { ByteRange } from './even-ranges.js';
import { MAX_OBJECT } from './part-plan.js';
import { readerOf } from '../reading/reader-of.js';

/**
 * Changes over an object that stays as it is: they are kept in a temporary file, and what has not been changed is
 * read from the object when it is wanted.
 */
export class LayeredFile {
  readonly #context: S3Context;
  readonly #base: StoredObject | undefined;
  readonly #changes: TemporaryFile;
  readonly #reader: ObjectReader | undefined;
  /** Nothing of the object at or past it is there any more. */
  #baseEnd: number;

  private constructor(context: S3Context, changes: TemporaryFile, base: StoredObject | undefined) {
    this.#context = context;
    this.#base = base;
    this.#changes = changes;
    this.#baseEnd = base?.size ?? 0;
    this.#reader = base && readerOf(context, base);
  }

  /**
   * @param base what the file begins with
   * @default base nothing
   * @throws SftpError `ENOSPC`, `EMFILE`, `EIO`
   */
  static async create(context: S3Context, base: StoredObject | undefined): Promise<LayeredFile> {
    const changes = await context.temporaryFiles.create();
    await changes.resize(base?.size ?? 0);
    return new LayeredFile(context, changes, base);
  }

  get size(): number {
    return this.#changes.size;
  }

  /** The runs of the object that are still there, in order. */
  get kept(): ByteRange[] {
    const { written } = this.#changes;
    const runs: ByteRange[] = [];
    for (let start = written.endOfRun(0); start < this.#baseEnd;) {
      const end = Math.min(written.firstFrom(start), this.#baseEnd);
      runs.push({ start, end });
      start = written.endOfRun(end);
    }
    return runs;
  }

  /** Fills `target` from `offset`; the number of bytes read, less than its length only at the end. */
  read(target: Uint8Array, offset: number): Promise<number> {
    return this.#read(target, offset, this.#reader);
  }

  /**
   * The file as one reader of its own sees it, who reads in order.
   *
   * @param signal the reader is let go of when it is aborted
   */
  sequential(signal: AbortSignal): Pick<LayeredFile, 'read'> {
    const reader = this.#base && readerOf(this.#context, this.#base);
    signal.addEventListener('abort', () => reader?.close(), { once: true });
    return { read: (target, offset) => this.#read(target, offset, reader) };
  }

  /** @throws SftpError `EFBIG`, `ENOSPC`, `EIO` */
  async write(data: Uint8Array, offset: number): Promise<void> {
    this.#assertFits(offset + data.length);
    await this.#changes.write(data, offset);
  }

  /** @throws SftpError `EFBIG`, `EIO` */
  async resize(size: number): Promise<void> {
    this.#assertFits(size);
    await this.#changes.resize(size);
    this.#baseEnd = Math.min(this.#baseEnd, size);
  }

  async close(): Promise<void> {
    this.#reader?.close();
    await this.#changes.close();
  }

  async #read(
    target: Uint8Array,
    offset: number,
    reader: ObjectReader | undefined,
  ): Promise<number> {
    const { written } = this.#changes;
    const end = Math.min(offset + target.length, this.size);
    for (let at = offset; at < end;) {
      const changedEnd = written.endOfRun(at);
      const fromBase = changedEnd === at && at < this.#baseEnd;
      const runEnd = fromBase
        ? Math.min(written.firstFrom(at), this.#baseEnd, end)
        : Math.min(changedEnd === at ? end : changedEnd, end);
      const run = target.subarray(at - offset, runEnd - offset);
      const count = fromBase ? await reader?.read(run, at) : await this.#changes.read(run, at);
      if (count === undefined || count === 0) throw new SftpError('EIO');
      at += count;
    }
    return Math.max(end - offset, 0);
  }

  /** Zeros cost nothing here, but all of them have to be sent. */
  #assertFits(end: number): void {
    const { maxTemporaryBytes } = this.#context.settings;
    if (end <= MAX_OBJECT && end - this.#baseEnd <= maxTemporaryBytes) return;
    throw new SftpError('EFBIG');
  }
}
