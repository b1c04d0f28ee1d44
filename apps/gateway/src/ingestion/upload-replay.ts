import { Inject, Injectable, Logger } from '@nestjs/common';
import { nestLog, quoted } from 'nestjs-sftpd';
import { messageOf } from '../problems.js';
import type { IntentStore } from './intent-store.js';
import { StoredFiles } from './stored-file.js';
import { INTENT_STORE } from './tokens.js';
import { jobOf, type UploadIntent } from './upload-intent.js';
import { UploadQueue } from './upload-queue.js';

const DROPPED = {
  missing: 'the storage has no such file',
  other: 'the storage has something else under its name',
} as const;

/** Gives jobs to the uploads that processes which are gone have left behind. */
@Injectable()
export class UploadReplay {
  readonly #log = nestLog(new Logger('Ingestion'));
  #running: Promise<void> | undefined;

  constructor(
    @Inject(INTENT_STORE) private readonly store: IntentStore,
    private readonly queue: UploadQueue,
    private readonly files: StoredFiles,
  ) {}

  /** Replays what is there; one run at a time. Never rejects: what cannot be replayed now is left for the next run. */
  run(stopping: AbortSignal): Promise<void> {
    this.#running ??= this.#run(stopping).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    let left = 0;
    let reason: unknown;
    try {
      for await (const intent of this.store.abandoned()) {
        if (stopping.aborted) return;
        try {
          await this.#replay(intent);
        } catch (error) {
          left += 1;
          reason ??= error;
        }
      }
    } catch (error) {
      reason ??= error;
    }
    if (reason === undefined) return;
    const told = messageOf(reason);
    this.#log.warn(
      left === 0
        ? `Uploads left behind cannot be looked for now: ${quoted(told)}`
        : `Uploads left behind that cannot be replayed now: ${left}; the first one because of ${quoted(told)}`,
    );
  }

  async #replay(intent: UploadIntent): Promise<void> {
    const upload = `upload ${intent.id} of ${quoted(intent.path)} by ${quoted(intent.user)}`;
    const found = intent.outcome === undefined ? await this.files.look(intent) : 'there';
    if (found === 'there') {
      await this.queue.add(jobOf(intent));
      await this.store.remove(intent);
      this.#log.log(`Replayed ${upload}`);
    } else {
      await this.store.remove(intent);
      this.#log.warn(`Dropped ${upload}: ${DROPPED[found]}`);
    }
  }
}
