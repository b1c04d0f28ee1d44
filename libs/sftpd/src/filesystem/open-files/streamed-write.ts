import type { AttributeChanges, FileInfo } from '../file-info.js';
import type { FileWriter } from '../file-writer.js';
import type { OpenFile, OpenFlags } from '../open-file.js';
import { SftpError, toSftpError } from '../sftp-error.js';
import { assertFits } from './assert-fits.js';
import type { BackendFile } from './backend-file.js';
import { abortBecauseOf, beginWrite } from './backend-writer.js';
import { OneAtATime } from './one-at-a-time.js';
import type { OpenFileResources } from './open-file-resources.js';
import { Reassembly } from './reassembly.js';
import { UploadAttributes } from './upload-attributes.js';

/** How many zeros a writer is given at a time, in bytes. */
const ZEROS_BYTES = 64 * 1024;

const HANDED_OVER =
  'This storage takes uploads in order and has these bytes already; they cannot be written again';

/**
 * A new or emptied file that goes to its backend as it comes (`beginWrite`): what comes in order is handed over at
 * once, and the client waits for it; what comes too early waits for its turn. Gaps that are still there at the
 * close are zeros. What has been handed over cannot be changed: a client that tries has spoiled its upload.
 */
export class StreamedWrite implements OpenFile {
  readonly staged = true;

  readonly #writer: FileWriter;
  readonly #append: boolean;
  readonly #attributes: UploadAttributes;
  readonly #early: Reassembly;
  readonly #maxAhead: number;
  readonly #calls = new OneAtATime();
  /** How many bytes have been handed over. */
  #handedOver = 0;
  #size = 0;
  #failure: unknown;
  #open = true;

  private constructor(
    writer: FileWriter,
    flags: OpenFlags,
    attributes: UploadAttributes,
    { bounds, temporaryFiles }: OpenFileResources,
  ) {
    this.#writer = writer;
    this.#append = flags.append;
    this.#attributes = attributes;
    this.#early = new Reassembly(bounds.maxReassemblyBytes, temporaryFiles);
    this.#maxAhead = bounds.maxTemporaryBytes;
  }

  /**
   * Starts the upload.
   *
   * @param existing what is there under the name; `undefined` for a new file
   * @throws whatever the backend's `beginWrite` throws
   */
  static async begin(
    file: BackendFile,
    flags: OpenFlags,
    existing: FileInfo | undefined,
    resources: OpenFileResources,
  ): Promise<StreamedWrite> {
    const attributes = new UploadAttributes(file, flags, existing);
    attributes.touch();
    const writer = await beginWrite(file, attributes.newFile);
    return new StreamedWrite(writer, flags, attributes, resources);
  }

  /** @throws SftpError `EBADF`: the file is open for writing only */
  read(): never {
    throw new SftpError('EBADF');
  }

  /**
   * @throws SftpError `ENOTSUP` for bytes that have been handed over, `EFBIG` too far ahead of them, `ENOSPC`, and
   * what the writer throws
   */
  write(data: Uint8Array, offset: number): Promise<void> {
    return this.#change(async () => {
      if (data.length === 0) return;
      await this.#take(data, this.#append ? this.#size : offset);
      this.#attributes.touch();
    });
  }

  stat(): FileInfo {
    this.#assertOpen();
    return this.#attributes.info(this.#size);
  }

  /** @throws SftpError `ENOTSUP` for a size below what has been handed over, or when the backend has no way */
  setAttributes({ size, ...others }: AttributeChanges): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      if (size !== undefined && size < this.#handedOver) {
        throw new SftpError('ENOTSUP', HANDED_OVER);
      }
      this.#attributes.set(others, true);
      if (size === undefined) return;
      await this.#early.cut(size);
      this.#size = size;
    });
  }

  /** @throws SftpError what the writer throws; nothing is stored then, unless the error says so */
  close(): Promise<void> {
    return this.#end(async () => {
      try {
        await this.#complete();
      } catch (error) {
        throw await abortBecauseOf(this.#writer, error);
      }
      await this.#writer.finish();
      await this.#attributes.apply();
    });
  }

  /** @throws whatever the writer's `abort` throws */
  abort(): Promise<void> {
    return this.#end(async () => {
      await this.#writer.abort();
    });
  }

  async #take(data: Uint8Array, offset: number): Promise<void> {
    if (offset < this.#handedOver) throw new SftpError('ENOTSUP', HANDED_OVER);
    const end = offset + data.length;
    if (offset === this.#handedOver) {
      await this.#handOver(data);
      await this.#handOverEarly();
    } else {
      assertFits(end - this.#handedOver, this.#maxAhead);
      await this.#early.put(data, offset, this.#handedOver);
    }
    this.#size = Math.max(this.#size, end);
  }

  async #handOver(data: Uint8Array): Promise<void> {
    await this.#writer.write(this.#handedOver, data);
    this.#handedOver += data.length;
    if (!this.#early.empty) await this.#early.passed(this.#handedOver);
  }

  async #handOverEarly(): Promise<void> {
    while (!this.#early.empty) {
      const data = await this.#early.take(this.#handedOver);
      if (data === undefined) return;
      await this.#handOver(data);
    }
  }

  /** Hands over all that is left, with zeros where nothing came. */
  async #complete(): Promise<void> {
    if (this.#failure !== undefined) throw this.#asUnfit(this.#failure);
    assertFits(this.#size - this.#handedOver, this.#maxAhead);
    while (this.#handedOver < this.#size) {
      const gapEnd = Math.min(this.#early.firstFrom(this.#handedOver), this.#size);
      // A new block each time: a backend may do with it what it likes.
      if (gapEnd > this.#handedOver) {
        await this.#handOver(Buffer.alloc(Math.min(gapEnd - this.#handedOver, ZEROS_BYTES)));
      } else {
        await this.#handOverEarly();
      }
    }
  }

  #asUnfit(failure: unknown): SftpError {
    const { code } = toSftpError(failure);
    return new SftpError(code, 'An earlier write failed', { cause: failure });
  }

  /** A change whose failure leaves the content in doubt. */
  #change(change: () => Promise<void>): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      try {
        if (this.#failure !== undefined) throw this.#asUnfit(this.#failure);
        await change();
      } catch (error) {
        this.#failure ??= error;
        throw error;
      }
    });
  }

  #end(end: () => Promise<void>): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen();
      this.#open = false;
      try {
        await end();
      } finally {
        await this.#early.close();
      }
    });
  }

  #assertOpen(): void {
    if (!this.#open) throw new SftpError('EBADF');
  }
}
