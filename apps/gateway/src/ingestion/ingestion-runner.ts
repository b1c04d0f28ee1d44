import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import type { Redis } from 'ioredis';
import { nestLog, quoted } from 'nestjs-sftpd';
import { messageOf } from '../problems.js';
import type { IngestionTiming } from './ingestion-config.js';
import type { IntentStore } from './intent-store.js';
import { OwnUploads } from './own-uploads.js';
import { within } from '../time-limit.js';
import { INTENT_STORE, REDIS, TIMING } from './tokens.js';
import { UploadReplay } from './upload-replay.js';

/** Keeps ingestion going: signs of life, second attempts, replays, and an orderly end. */
@Injectable()
export class IngestionRunner
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown
{
  readonly #log = nestLog(new Logger('Ingestion'));
  readonly #stopping = new AbortController();
  #timers: NodeJS.Timeout[] = [];
  #isOpen = false;
  #beating: Promise<void> | undefined;

  constructor(
    @Inject(INTENT_STORE) private readonly store: IntentStore,
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(TIMING) private readonly timing: IngestionTiming,
    private readonly uploads: OwnUploads,
    private readonly replay: UploadReplay,
  ) {}

  /** Before the first client comes. That Redis is away now does not prevent the start. */
  async onModuleInit(): Promise<void> {
    await this.#beat();
  }

  onApplicationBootstrap(): void {
    const { heartbeat, replay } = this.timing;
    this.#timers = [
      setInterval(() => void this.#beat(), heartbeat),
      setInterval(() => void this.#replay(), replay),
    ];
    this.redis.on('ready', this.#onReady);
    if (this.redis.status === 'ready') void this.#replay();
  }

  /** All clients are gone by now. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    this.redis.off('ready', this.#onReady);
    for (const timer of this.#timers) clearInterval(timer);
    try {
      await within(this.#end(), this.timing.end, 'The end of ingestion');
    } catch (error) {
      this.#log.warn(`What is not queued yet will be replayed: ${quoted(messageOf(error))}`);
    }
    // The queue would wait for it.
    this.redis.disconnect();
  }

  readonly #onReady = (): void => {
    void this.#beat().then(() => this.#replay());
  };

  async #end(): Promise<void> {
    await this.#beating;
    await this.uploads.retry();
    const { waiting } = this.uploads;
    if (waiting > 0)
      this.#log.warn(`Uploads that are not queued yet, and will be replayed: ${waiting}`);
    await this.store.close();
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#live().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #live(): Promise<void> {
    try {
      if (!this.#isOpen) await this.store.open();
      else if (!(await this.store.keepAlive())) await this.uploads.restore();
      this.#isOpen = true;
    } catch (error) {
      this.#log.debug(`No sign of life could be given: ${quoted(messageOf(error))}`);
    }
    await this.uploads.retry();
  }

  async #replay(): Promise<void> {
    if (this.redis.status !== 'ready' || this.#stopping.signal.aborted) return;
    await this.replay.run(this.#stopping.signal);
  }
}
