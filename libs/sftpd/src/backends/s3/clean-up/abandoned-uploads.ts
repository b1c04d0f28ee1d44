import type { S3Settings } from '../s3-settings.js';
import { reasonOf } from '../store/s3-errors.js';
import type { ObjectStore } from '../store/object-store.js';
import { RecentMap } from '../tree/recent-map.js';

const HOUR = 60 * 60 * 1000;
/** Session prefixes of which it is remembered when they were cleaned. */
const MAX_PREFIXES = 10_000;

/** What the clean-up needs of an `S3Context`. */
export interface CleanUpContext {
  readonly store: Pick<ObjectStore, 'openUploads' | 'abortMultipart'>;
  readonly settings: Pick<S3Settings, 'abandonedUploadAge' | 'prefix' | 'log'>;
  /** The multipart uploads that this process is at work on: they are left alone, however old they are. */
  readonly openUploads?: { has(uploadId: string): boolean };
}

/**
 * Aborts multipart uploads that crashed processes have left over: those below the prefix that are older than
 * `abandonedUploadAge`. Failures are logged and never thrown; the next time is soon enough.
 */
export class AbandonedUploads {
  readonly #context: CleanUpContext;
  readonly #now: () => number;
  /** When a session prefix was cleaned last. */
  readonly #cleaned = new RecentMap<number>(MAX_PREFIXES);
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** One clean-up after the other: a rush of sessions must not become one of requests. */
  #work: Promise<unknown> = Promise.resolve();

  /** @param now the time in milliseconds since 1970 */
  constructor(context: CleanUpContext, now: () => number = Date.now) {
    this.#context = context;
    this.#now = now;
  }

  /** Cleans up now and then every hour, where the prefix is not the sessions'. */
  start(): void {
    const { prefix, abandonedUploadAge } = this.#context.settings;
    if (typeof prefix !== 'string' || abandonedUploadAge === false) return;
    this.#enqueue(prefix);
    this.#timer = setInterval(() => this.#enqueue(prefix), HOUR);
    this.#timer.unref();
  }

  /** A session uses a prefix: it is cleaned up, once an hour at most. Nobody waits for that. */
  noticePrefix(prefix: string): void {
    if (this.#context.settings.abandonedUploadAge === false) return;
    const cleaned = this.#cleaned.get(prefix);
    if (cleaned !== undefined && this.#now() - cleaned < HOUR) return;
    this.#cleaned.set(prefix, this.#now());
    this.#enqueue(prefix);
  }

  /**
   * Aborts the left-over uploads below one prefix.
   *
   * @param prefix ends in `/`; empty for the whole bucket
   * @returns how many were aborted
   */
  async cleanUp(prefix: string): Promise<number> {
    const { store, settings, openUploads } = this.#context;
    const { abandonedUploadAge: age, log } = settings;
    if (age === false) return 0;
    let aborted = 0;
    let failed = 0;
    let reason = '';
    const note = (error: unknown) => {
      failed += 1;
      reason ||= reasonOf(error);
    };
    try {
      for await (const upload of store.openUploads(prefix)) {
        if (this.#stopped) break;
        const { key, uploadId, initiated } = upload;
        // A store that ignores the prefix must not make this one reach another's uploads.
        if (!key.startsWith(prefix) || openUploads?.has(uploadId) === true) continue;
        if (this.#now() - initiated.getTime() <= age) continue;
        try {
          await store.abortMultipart(upload);
          aborted += 1;
        } catch (error) {
          note(error);
        }
      }
    } catch (error) {
      note(error);
    }
    if (failed > 0) {
      log.warn(`${failed} failures to abort left-over uploads below '${prefix}', first: ${reason}`);
    }
    if (aborted > 0) log.log(`Aborted ${aborted} left-over uploads below '${prefix}'`);
    return aborted;
  }

  /** Ends the clean-up; settles when no request of it is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  #enqueue(prefix: string): void {
    if (this.#stopped) return;
    this.#work = this.#work.then(() => (this.#stopped ? undefined : this.cleanUp(prefix)));
  }
}
