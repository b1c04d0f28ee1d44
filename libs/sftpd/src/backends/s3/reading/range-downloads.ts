import type { ObjectVersion } from '../store/stored-object.js';
import { type ObjectSource, RangeDownload, type RangeSink } from './range-download.js';
import type { ReadLimits } from './read-limits.js';

/** The ranges of one object that are on their way. */
export class RangeDownloads {
  readonly #source: ObjectSource;
  readonly #object: ObjectVersion;
  readonly #limits: ReadLimits;
  readonly #underWay = new Set<RangeDownload>();

  constructor(source: ObjectSource, object: ObjectVersion, limits: ReadLimits) {
    this.#source = source;
    this.#object = object;
    this.#limits = limits;
  }

  /** Whether no further one may begin before another is over. */
  get full(): boolean {
    return this.#underWay.size >= this.#limits.concurrency;
  }

  /** Asks for a range. It has left this set when its sink hears of its end. */
  begin(start: number, end: number, sink: RangeSink): RangeDownload {
    const download = new RangeDownload(this.#source, this.#object, this.#limits, start, end, {
      bytes: (chunk) => {
        sink.bytes(chunk);
      },
      end: () => {
        this.#underWay.delete(download);
        sink.end();
      },
      failed: (error) => {
        this.#underWay.delete(download);
        sink.failed(error);
      },
    });
    this.#underWay.add(download);
    return download;
  }

  /** Gives a range up; one that is over already is left alone. */
  cancel(download: RangeDownload): void {
    if (this.#underWay.delete(download)) download.cancel();
  }

  cancelAll(): void {
    for (const download of this.#underWay) download.cancel();
    this.#underWay.clear();
  }
}
