import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { nestLog } from 'nestjs-sftpd';

/** Milliseconds between attempts to connect: from the first to the longest. */
const RETRY = { least: 100, most: 5000 };

/** A connection as a worker needs it: it waits for Redis, however long that takes, and tells the log. */
export function connectRedis(url: string): Redis {
  const log = nestLog(new Logger('Ingest'));
  const client = new Redis(url, {
    connectTimeout: 5000,
    // BullMQ's workers wait for jobs in commands that last.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(RETRY.least * 2 ** (attempt - 1), RETRY.most),
  });
  let told = false;
  client.on('error', (error: Error) => {
    // Not the URL, which may hold a password.
    if (!told) log.warn(`Redis cannot be reached: ${error.message || error.name}`);
    told = true;
  });
  client.on('ready', () => {
    told = false;
    log.log('Waiting for uploads');
  });
  return client;
}
