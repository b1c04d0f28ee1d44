import { Inject, Injectable, Logger } from '@nestjs/common';
import { nestLog, quoted } from 'nestjs-sftpd';
import { messageOf } from '../problems.js';
import { within } from '../time-limit.js';
import type { IntentStore } from './intent-store.js';
import { INTENT_STORE } from './tokens.js';
import { jobOf, type UploadIntent, type UploadOutcome } from './upload-intent.js';
import { UploadQueue } from './upload-queue.js';

/**
 * Milliseconds that an answer to a client is kept waiting for the job of its upload. After that the end of the upload
 * is noted down instead.
 */
const PATIENCE = 250;

/** Uploads at a time between the client's CLOSE and their job; those above are refused. */
const MAX_UPLOADS = 10_000;

interface OwnUpload {
  intent: UploadIntent;
  /** The last write of its intent, successful or not. */
  noted: Promise<void>;
  /** Set when the storage has it for certain: whether it is queued, or its end is noted down. */
  completion: Promise<boolean> | undefined;
  /** Whether it was refused, or came to nothing. */
  aborted: boolean;
  settling: boolean;
  /** Whether nothing is to be noted down about it any more. */
  struckOut: boolean;
}

function newUpload(intent: UploadIntent, noted: Promise<void>): OwnUpload {
  return {
    intent,
    noted,
    completion: undefined,
    aborted: false,
    settling: false,
    struckOut: false,
  };
}

/** The uploads of this process, from the client's CLOSE until their job is queued. */
@Injectable()
export class OwnUploads {
  readonly #log = nestLog(new Logger('Ingestion'));
  readonly #uploads = new Map<string, OwnUpload>();

  constructor(
    @Inject(INTENT_STORE) private readonly store: IntentStore,
    private readonly queue: UploadQueue,
  ) {}

  /** Uploads whose end is known and that are still to be queued, or struck out. */
  get waiting(): number {
    let count = 0;
    for (const upload of this.#uploads.values()) if (isOver(upload)) count += 1;
    return count;
  }

  /**
   * Notes an upload down before it is committed.
   *
   * @throws Error when it may not outlive this process
   */
  async begin(intent: UploadIntent): Promise<void> {
    if (this.#uploads.size >= MAX_UPLOADS) throw new Error('Too many uploads wait for the queue');
    const upload = newUpload(intent, this.store.put(intent));
    this.#uploads.set(intent.id, upload);
    await upload.noted;
  }

  /** The storage has an upload: queues it, now or as soon as that can be done. */
  async complete(id: string, fallback: () => UploadIntent, outcome: UploadOutcome): Promise<void> {
    const upload = this.#uploads.get(id) ?? newUpload(fallback(), Promise.resolve());
    upload.intent = { ...upload.intent, outcome };
    this.#uploads.set(id, upload);
    upload.completion = this.#secure(upload);
    await upload.completion;
  }

  /**
   * Waits until nothing that a client does next can cost an upload its job: it is queued, or its end is noted down, so
   * that a replay need not look for a file that may have another name by then.
   *
   * @param outcome of an upload that is not complete yet, as more is still to be found out about it
   * @throws Error when neither can be done now
   */
  async acknowledge(id: string, outcome: UploadOutcome): Promise<void> {
    const upload = this.#uploads.get(id);
    // It is queued, and struck out.
    if (upload === undefined) return;
    if (upload.completion !== undefined && (await inTime(upload.completion))) return;
    upload.intent = { outcome, ...upload.intent };
    await this.#note(upload);
  }

  /** An upload has come to nothing: strikes it out, now or as soon as that can be done. */
  async abort(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return;
    upload.aborted = true;
    await this.#settle(upload);
  }

  /** Tries again what could not be done before, until something fails. */
  async retry(): Promise<void> {
    for (const upload of [...this.#uploads.values()]) {
      if (isOver(upload) && !upload.settling && !(await this.#settle(upload))) return;
    }
  }

  /** Notes down anew what others may have struck out. */
  async restore(): Promise<void> {
    for (const upload of [...this.#uploads.values()]) {
      if (!upload.aborted) await this.#note(upload);
    }
  }

  async #secure(upload: OwnUpload): Promise<boolean> {
    if (await this.#settle(upload)) return true;
    try {
      await this.#note(upload);
      return true;
    } catch {
      // What was noted down before the commit is still there.
      return false;
    }
  }

  async #note(upload: OwnUpload): Promise<void> {
    // One after the other: what was written last is what stays.
    const noted = upload.noted.then(noop, noop).then(async () => {
      if (!upload.struckOut) await this.store.put(upload.intent);
    });
    upload.noted = noted;
    await noted;
  }

  /** @returns whether nothing more is to be done for it */
  async #settle(upload: OwnUpload): Promise<boolean> {
    if (upload.settling) return true;
    upload.settling = true;
    const { intent, aborted } = upload;
    try {
      if (!aborted) await this.queue.add(jobOf(intent));
      upload.struckOut = true;
      // A note that is still being written would come after it was struck out.
      await upload.noted.then(noop, noop);
      await this.store.remove(intent);
      this.#uploads.delete(intent.id);
      return true;
    } catch (error) {
      upload.struckOut = false;
      const told = messageOf(error);
      const what = aborted ? 'struck out' : 'queued';
      this.#log.debug(`Upload ${intent.id} cannot be ${what} now: ${quoted(told)}`);
      return false;
    } finally {
      upload.settling = false;
    }
  }
}

function isOver({ aborted, completion }: OwnUpload): boolean {
  return aborted || completion !== undefined;
}

/** @returns `false` when that is not known in time */
function inTime(completion: Promise<boolean>): Promise<boolean> {
  return within(completion, PATIENCE, 'A job').catch(() => false);
}

function noop(): void {
  // Whoever waits for a write learns of its failure; here only its end matters.
}
