import { randomUUID } from 'node:crypto';
import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Logger, Module } from '@nestjs/common';
import type { DefaultJobOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { nestLog } from 'nestjs-sftpd';
import type { ConfigModule } from '../config.module.js';
import {
  INGESTION_TIMING,
  type IngestionConfig,
  type IngestionTiming,
} from './ingestion-config.js';
import { connectRedis } from './ingestion-redis.js';
import { IngestionRunner } from './ingestion-runner.js';
import type { IntentStore } from './intent-store.js';
import { OutboxIntentStore } from './outbox-intent-store.js';
import { OwnUploads } from './own-uploads.js';
import { RedisIntentStore } from './redis-intent-store.js';
import { StoredFiles } from './stored-file.js';
import { INGESTION_CONFIG, INSTANCE, INTENT_STORE, REDIS, TIMING } from './tokens.js';
import { UploadIngestion } from './upload-ingestion.js';
import { UPLOADS_QUEUE } from './upload-job.js';
import { UploadQueue } from './upload-queue.js';
import { UploadReplay } from './upload-replay.js';

const DAY = 24 * 60 * 60;

/** What a job gets: attempts, and how long it is remembered. Ages are seconds, the delay milliseconds. */
const JOB: DefaultJobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: { age: DAY, count: 1000 },
  removeOnFail: { age: 7 * DAY, count: 5000 },
};

/** The connection to Redis, apart: the queue is made with it. */
@Module({})
class IngestionRedisModule {
  static forConfig(config: IngestionConfig): DynamicModule {
    const timing: IngestionTiming = { ...INGESTION_TIMING, ...config.timing };
    return {
      module: IngestionRedisModule,
      providers: [
        { provide: INGESTION_CONFIG, useValue: config },
        { provide: TIMING, useValue: timing },
        { provide: REDIS, useFactory: () => connectRedis(config.redisUrl, timing) },
      ],
      exports: [INGESTION_CONFIG, TIMING, REDIS],
    };
  }
}

/** Makes a job of each completed upload, and loses none. */
@Module({})
export class IngestionModule {
  /** @param imports the modules that export the gateway's configuration and its `SftpServer` */
  static forConfig(
    config: IngestionConfig,
    imports: (DynamicModule | typeof ConfigModule)[],
  ): DynamicModule {
    const redisModule = IngestionRedisModule.forConfig(config);
    return {
      module: IngestionModule,
      imports: [
        ...imports,
        redisModule,
        BullModule.registerQueueAsync({
          name: UPLOADS_QUEUE,
          imports: [redisModule],
          inject: [REDIS],
          useFactory: (connection: Redis) => ({
            connection,
            // It could fail for good when Redis goes just then.
            skipVersionCheck: true,
            defaultJobOptions: JOB,
          }),
        }),
      ],
      providers: [
        { provide: INSTANCE, useFactory: randomUUID },
        {
          provide: INTENT_STORE,
          inject: [INGESTION_CONFIG, TIMING, REDIS, INSTANCE],
          useFactory: makeStore,
        },
        UploadQueue,
        OwnUploads,
        StoredFiles,
        UploadReplay,
        UploadIngestion,
        IngestionRunner,
      ],
    };
  }
}

function makeStore(
  { outboxDirectory }: IngestionConfig,
  { lease }: IngestionTiming,
  redis: Redis,
  instance: string,
): IntentStore {
  const log = nestLog(new Logger('Ingestion'));
  return outboxDirectory === undefined
    ? new RedisIntentStore(redis, instance, lease, log)
    : new OutboxIntentStore(outboxDirectory, instance, lease, log);
}
