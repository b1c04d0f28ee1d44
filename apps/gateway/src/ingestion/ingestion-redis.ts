import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { nestLog } from 'nestjs-sftpd';
import type { IngestionTiming } from './ingestion-config.js';

/** Milliseconds between attempts to connect: from the first to the longest. */
const RETRY = { least: 100, most: 2000 };

/**
 * A connection to Redis that fails rather than waits: commands are refused while it is away, and are given up when
 * they are not answered in time. It connects again by itself, and tells the log when Redis goes and comes.
 */
export function connectRedis(url: string, { redis: limit }: IngestionTiming): Redis {
  const log = nestLog(new Logger('Ingestion'));
  const client = new Redis(url, {
    connectTimeout: limit,
    commandTimeout: limit,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(RETRY.least * 2 ** (attempt - 1), RETRY.most),
  });
  let told = false;
  client.on('error', (error: Error) => {
    if (told) return;
    told = true;
    // Not the URL, which may hold a password.
    log.warn(`Redis cannot be reached: ${error.message || error.name}`);
  });
  client.on('ready', () => {
    told = false;
    log.log('Redis is there');
  });
  return client;
}
