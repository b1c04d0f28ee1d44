import { Readable } from 'node:stream';

import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { toSftpError } from '../../filesystem/sftp-error.js';

/** How a file says that it cannot be read before its commit: it is not open for that, or never is. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['EBADF', 'ENOTSUP']);

const CHUNK_BYTES = 256 * 1024;

/** Fills `target` from an offset of a file; see `OpenFile.read`. */
export type ReadFile = (target: Uint8Array, offset: number) => MaybePromise<number>;

/** The content of an upload that is not committed yet, as gates may read it. */
export class CommitContent {
  readonly #read: ReadFile;
  readonly #streams = new Set<Readable>();
  #over = false;

  private constructor(read: ReadFile) {
    this.#read = read;
  }

  /**
   * @returns nothing where the storage does not show what is not committed
   * @throws SftpError when it should, and fails: what cannot be looked at now must not pass for what never can
   */
  static async of(read: ReadFile): Promise<CommitContent | undefined> {
    try {
      await read(new Uint8Array(1), 0);
    } catch (error) {
      const failure = toSftpError(error);
      if (NOT_SHOWN.has(failure.code)) return undefined;
      throw failure;
    }
    return new CommitContent(read);
  }

  /** A stream from the first byte on. */
  readonly stream = (): Readable => {
    const stream = Readable.from(this.#chunks(), { objectMode: false, highWaterMark: CHUNK_BYTES });
    this.#streams.add(stream);
    // Whoever reads it is told; nobody need be.
    stream.on('error', () => undefined).once('close', () => this.#streams.delete(stream));
    return stream;
  };

  /** Ends all streams. Nothing is read any more, but for what is under way. */
  close(): void {
    this.#over = true;
    for (const stream of this.#streams) stream.destroy();
  }

  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    for (let offset = 0; ;) {
      if (this.#over) throw new Error('The gate has decided');
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = await this.#read(chunk, offset);
      if (count === 0) return;
      offset += count;
      yield chunk.subarray(0, count);
    }
  }
}
