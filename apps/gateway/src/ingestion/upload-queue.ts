import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { IngestionTiming } from './ingestion-config.js';
import { within } from '../time-limit.js';
import { TIMING, REDIS } from './tokens.js';
import { type UploadJob, UPLOADS_QUEUE } from './upload-job.js';

/** The queue that workers take uploads from. */
@Injectable()
export class UploadQueue {
  constructor(
    @InjectQueue(UPLOADS_QUEUE) private readonly queue: Queue<UploadJob>,
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(TIMING) private readonly timing: IngestionTiming,
  ) {
    // The connection tells the log of its failures, and each call of its own.
    queue.on('error', () => undefined);
  }

  /**
   * Adds the job of an upload, unless the queue still knows one.
   *
   * @returns when Redis has it
   * @throws Error when it may not
   */
  async add(job: UploadJob): Promise<void> {
    // BullMQ would wait for the connection.
    if (this.redis.status !== 'ready') throw new Error('Redis cannot be reached');
    const added = this.queue.add('upload', job, { jobId: job.uploadId });
    await within(added, this.timing.redis, 'Adding a job');
  }
}
