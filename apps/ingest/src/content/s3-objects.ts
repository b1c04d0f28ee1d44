import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { INGEST_CONFIG } from '../config/config.module.js';
import type { IngestConfig } from '../config/environment.js';

/** Milliseconds to connect, and without a byte. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 60_000, socketTimeout: 60_000 };

/** Reads objects of buckets. */
@Injectable()
export class S3Objects implements OnApplicationShutdown {
  #client: S3Client | undefined;

  constructor(@Inject(INGEST_CONFIG) private readonly config: Pick<IngestConfig, 's3'>) {}

  /** The content of an object, as it comes. */
  async open({
    bucket,
    key,
  }: {
    readonly bucket: string;
    readonly key: string;
  }): Promise<Readable> {
    this.#client ??= new S3Client({ ...this.config.s3, requestHandler: TIMEOUTS, maxAttempts: 3 });
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body instanceof Readable) return Body;
    throw new Error('The store has answered without content');
  }

  onApplicationShutdown(): void {
    this.#client?.destroy();
  }
}
