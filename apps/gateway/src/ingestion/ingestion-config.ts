import type { Storage } from '../storage.js';
import type { Variables } from '../variables.js';

/** Where completed uploads are queued, and where they are noted down until they are. */
export interface IngestionConfig {
  /** Holds a password, perhaps: never to be logged. */
  readonly redisUrl: string;
  /** A directory that notes uploads down while Redis is away; without one, Redis itself notes them down. */
  readonly outboxDirectory?: string;
  /** How often and how long, where it is not {@link INGESTION_TIMING}. */
  readonly timing?: Partial<IngestionTiming>;
}

/** How often ingestion looks, and how long it waits. All are milliseconds. */
export interface IngestionTiming {
  /** Between signs of life, and between attempts at what could not be done before. */
  readonly heartbeat: number;
  /** Without a sign of life, after which a process is taken for gone. */
  readonly lease: number;
  /** Between looks for uploads that processes which are gone have left behind. */
  readonly replay: number;
  /** That Redis may take to connect, and to answer a command. */
  readonly redis: number;
  /** That the end of the application waits for uploads that are not queued yet. */
  readonly end: number;
}

/** What the gateway runs with. */
export const INGESTION_TIMING: IngestionTiming = {
  heartbeat: 5000,
  lease: 30_000,
  replay: 30_000,
  redis: 5000,
  end: 5000,
};

/**
 * Reads `REDIS_URL` and `SFTP_OUTBOX_DIR`.
 *
 * @param storage where the files are kept: workers have to get at them
 * @param warnings takes what the operator should know
 * @returns `undefined` when uploads are not queued
 */
export function readIngestion(
  variables: Variables,
  storage: Storage,
  warnings: string[],
): IngestionConfig | undefined {
  const redisUrl = variables.text('REDIS_URL');
  const outboxDirectory = variables.text('SFTP_OUTBOX_DIR');
  if (redisUrl === undefined) {
    if (outboxDirectory !== undefined) {
      warnings.push('SFTP_OUTBOX_DIR has no effect without REDIS_URL');
    }
    return undefined;
  }
  if (!isRedisUrl(redisUrl)) {
    // The value may hold a password, so it is not told.
    variables.problems.push(
      'REDIS_URL must be redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss:// for TLS; all but the host may be left out',
    );
  }
  if (storage.kind === 'memory') {
    warnings.push(
      'REDIS_URL queues uploads, but no worker can read their content: files are kept in memory',
    );
  }
  return { redisUrl, ...(outboxDirectory !== undefined && { outboxDirectory }) };
}

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  return (
    /^rediss?:$/.test(protocol) &&
    hostname !== '' &&
    /^(\/\d{0,5})?$/.test(pathname) &&
    search === '' &&
    hash === ''
  );
}
