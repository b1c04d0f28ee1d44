import type { FileInfo } from '../file-info.js';
import { SftpError } from '../sftp-error.js';
import type { BackendFile } from './backend-file.js';
import type { OpenFileResources } from './open-file-resources.js';
import { readRange } from './read-range.js';
import { assertRegular } from './regular-file.js';
import type { TemporaryFile } from './temporary-file.js';
import { withWholeContent } from './whole-content.js';

/** What is in memory at a time of a file that is being copied by ranges, in bytes. */
const BLOCK_BYTES = 1024 * 1024;

interface Gap {
  readonly start: number;
  readonly end: number;
}

/**
 * What a file holds that is opened to be changed. It is copied into a temporary file where that has not been written,
 * and only when it is needed: a client that resumes, patches or overwrites a large file costs what it touches. What
 * another handle stores meanwhile shows in the parts that have not been copied yet.
 */
export class ExistingContent {
  readonly #file: BackendFile;
  readonly #resources: OpenFileResources;
  #info: FileInfo;
  #bytes: number;

  /** @param info what the backend told of the file when it was opened */
  constructor(file: BackendFile, info: FileInfo, resources: OpenFileResources) {
    this.#file = file;
    this.#info = info;
    this.#resources = resources;
    this.#bytes = info.size;
  }

  /** How long the file is, in bytes, as far as it is wanted. */
  get size(): number {
    return this.#bytes;
  }

  /** Looks at the file anew: by the first change it may be another one than when it was opened. */
  async refresh(): Promise<void> {
    const { backend, path, session } = this.#file;
    this.#info = assertRegular(await backend.fileInfo(path, session));
    this.#bytes = this.#info.size;
  }

  /** What lies at or past `size` is not wanted any more. */
  cut(size: number): void {
    this.#bytes = Math.min(this.#bytes, size);
  }

  /**
   * Copies what `target` lacks.
   *
   * @param start first byte that is needed
   * @param end where the need ends; a block, or the whole file where the backend gives no less, is copied at least
   * @throws SftpError `EFBIG`, `ENOSPC`, `EIO` when the file has been cut meanwhile, and whatever the backend throws
   */
  async copyTo(target: TemporaryFile, start: number, end: number): Promise<void> {
    const byRanges = this.#file.backend.readFileRange !== undefined;
    const [first] = this.#gapsIn(target, start, end);
    if (first === undefined) return;
    const gaps = byRanges
      ? this.#gapsIn(target, first.start, Math.max(end, first.start + BLOCK_BYTES))
      : this.#gapsIn(target, 0, Infinity);
    if (byRanges) await this.#copyRanges(target, gaps);
    else await this.#copyWhole(target, gaps);
  }

  #gapsIn({ written }: TemporaryFile, start: number, end: number): Gap[] {
    const gaps: Gap[] = [];
    const limit = Math.min(end, this.#bytes);
    for (let at = written.endOfRun(start); at < limit;) {
      const gap = { start: at, end: Math.min(written.firstFrom(at), limit) };
      gaps.push(gap);
      at = written.endOfRun(gap.end);
    }
    return gaps;
  }

  async #copyRanges(target: TemporaryFile, gaps: readonly Gap[]): Promise<void> {
    for (const { start, end } of gaps) {
      for (let at = start; at < end;) {
        const block = await readRange(this.#file, at, Math.min(end - at, BLOCK_BYTES));
        if (block.length === 0) throw cutMeanwhile();
        await target.write(block, at);
        at += block.length;
      }
    }
  }

  async #copyWhole(target: TemporaryFile, gaps: readonly Gap[]): Promise<void> {
    await withWholeContent(this.#file, this.#info, this.#resources, async (content) => {
      if (content.length < this.#bytes) throw cutMeanwhile();
      for (const { start, end } of gaps) await target.write(content.subarray(start, end), start);
    });
  }
}

/** Zeros in the place of bytes that have gone would be a file that never was. */
function cutMeanwhile(): SftpError {
  return new SftpError('EIO', 'The file has become shorter since it was opened');
}
