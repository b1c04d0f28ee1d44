import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type Job, UnrecoverableError } from 'bullmq';
import { nestLog, quoted } from 'nestjs-sftpd';
import { INGEST_CONFIG } from './config/config.module.js';
import type { IngestConfig } from './config/environment.js';
import { UnreachableContentError } from './content/unreachable-content.error.js';
import { UploadContent } from './content/upload-content.js';
import type { CsvSummary } from './csv/csv-summary.js';
import { MalformedCsvError } from './csv/malformed-csv.error.js';
import { summariseCsv } from './csv/summarise-csv.js';
import { readJob, type UploadJob, UPLOADS_QUEUE } from './upload-job.js';

/** What becomes of a job: its return value in the queue. */
export type UploadResult = CsvSummary | { readonly skipped: string };

/** How often a job may lose its worker before it has failed. */
const MAX_LOST_WORKERS = 3;

/** Summarises each uploaded CSV. A job may come more than once, and does the same each time. */
@Processor(UPLOADS_QUEUE, { maxStalledCount: MAX_LOST_WORKERS })
export class UploadProcessor extends WorkerHost implements OnApplicationBootstrap {
  readonly #log = nestLog(new Logger('Ingest'));

  constructor(
    private readonly content: UploadContent,
    @Inject(INGEST_CONFIG) private readonly config: Pick<IngestConfig, 'concurrency'>,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.worker.concurrency = this.config.concurrency;
  }

  /**
   * @throws UnrecoverableError when another attempt would fail as well: a malformed CSV, a malformed job
   * @throws Error when another attempt may succeed
   */
  async process(job: Job<unknown>): Promise<UploadResult> {
    const upload = checkedJob(job);
    if (!/\.csv$/i.test(upload.path)) return { skipped: 'no CSV' };
    try {
      return await summariseCsv(await this.content.open(upload.content));
    } catch (error) {
      if (error instanceof MalformedCsvError || error instanceof UnreachableContentError) {
        throw new UnrecoverableError(error.message);
      }
      throw error;
    }
  }

  @OnWorkerEvent('completed')
  onCompleted(job: Job<UploadJob, UploadResult>): void {
    const { returnvalue } = job;
    const what =
      'skipped' in returnvalue
        ? `skipped, ${returnvalue.skipped}`
        : `${returnvalue.rows} rows, ${returnvalue.columns.length} columns`;
    this.#log.log(`Upload ${job.id ?? ''}: ${what}`);
  }

  @OnWorkerEvent('failed')
  onFailed(job: Job | undefined, error: Error): void {
    const message = quoted(error.message);
    this.#log.warn(`Upload ${job?.id ?? ''} failed, attempt ${job?.attemptsMade ?? 0}: ${message}`);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.#log.debug(`Redis: ${quoted(error.message)}`);
  }
}

function checkedJob({ data }: Job<unknown>): UploadJob {
  try {
    return readJob(data);
  } catch (error) {
    throw new UnrecoverableError(
      `Malformed job: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
