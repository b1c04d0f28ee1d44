import type {
  TemporaryFile,
  TemporaryFiles,
} from '../../../filesystem/open-files/temporary-file.js';
import { contentStream } from './content-stream.js';
import type { Multipart } from './multipart.js';
import type { PlannedPart } from './part-plan.js';
import type { UnsentPart } from './unsent-part.js';

const BLOCK_BYTES = 1024 * 1024;

/** A part that is gathered in a temporary file: for one that is too long for memory, or when there is none left. */
export class PartInFile implements UnsentPart {
  readonly planned: PlannedPart;
  readonly #file: TemporaryFile;

  private constructor(planned: PlannedPart, file: TemporaryFile) {
    this.planned = planned;
    this.#file = file;
  }

  /** @throws SftpError `ENOSPC`, `EMFILE`, `EIO` */
  static async create(planned: PlannedPart, files: TemporaryFiles): Promise<PartInFile> {
    return new PartInFile(planned, await files.create());
  }

  get full(): boolean {
    return this.#file.written.endOfRun(0) === this.planned.end - this.planned.start;
  }

  put(data: Uint8Array, offset: number): Promise<void> {
    return this.#file.write(data, offset - this.planned.start);
  }

  async cut(offset: number): Promise<void> {
    const size = Math.max(offset - this.planned.start, 0);
    if (size < this.#file.size) await this.#file.resize(size);
  }

  async fill(end: number): Promise<void> {
    // What has not been written reads as zeros.
    await this.#file.resize(end - this.planned.start);
  }

  async copyTo(file: TemporaryFile): Promise<void> {
    const { written } = this.#file;
    for (let at = written.firstFrom(0); at < Infinity;) {
      const block = Buffer.allocUnsafe(Math.min(written.endOfRun(at) - at, BLOCK_BYTES));
      await this.#file.read(block, at);
      await file.write(block, this.planned.start + at);
      at = written.firstFrom(at + block.length);
    }
  }

  async send(multipart: Multipart, end: number): Promise<void> {
    const length = end - this.planned.start;
    await multipart.sendStream(this.planned.number, length, () =>
      contentStream(this.#file, { start: 0, end: length }),
    );
    await this.release();
  }

  release(): Promise<void> {
    return this.#file.close();
  }
}
