import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from './config/config.module.js';
import type { IngestConfig } from './config/environment.js';
import { S3Objects } from './content/s3-objects.js';
import { UploadContent } from './content/upload-content.js';
import { connectRedis } from './redis.js';
import { UPLOADS_QUEUE } from './upload-job.js';
import { UploadProcessor } from './upload.processor.js';

/** A worker on the queue of the gateway. */
@Module({})
export class AppModule {
  static forConfig(config: IngestConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forConfig(config),
        BullModule.registerQueueAsync({
          name: UPLOADS_QUEUE,
          useFactory: () => ({ connection: connectRedis(config.redisUrl) }),
        }),
      ],
      providers: [S3Objects, UploadContent, UploadProcessor],
    };
  }
}
