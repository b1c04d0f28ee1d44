import { measureFarAway } from './rows/far-away.mjs';
import { measureIdleSessions } from './rows/idle-sessions.mjs';
import { measureLargeFiles } from './rows/large-files.mjs';
import { measureListings } from './rows/listings.mjs';
import { measureLogIns } from './rows/log-ins.mjs';
import { measureMemory } from './rows/memory.mjs';
import { measureParallel } from './rows/parallel.mjs';
import { measureRandomReads } from './rows/random-reads.mjs';
import { measureSmallFiles } from './rows/small-files.mjs';

/**
 * What `--only` names, in the order of the report. Each part answers with measurements, or with rows of the report
 * where it holds the server against something else than sshd.
 *
 * @type {Record<string, (bench: object) => Promise<readonly object[]>>}
 */
export const PARTS = {
  large: measureLargeFiles,
  small: measureSmallFiles,
  listings: measureListings,
  'log-ins': measureLogIns,
  parallel: measureParallel,
  random: measureRandomReads,
  idle: measureIdleSessions,
  memory: measureMemory,
  far: measureFarAway,
  // Loaded when it is measured: it needs the library to be built.
  tracing: async (bench) => (await import('./tracing/measure-tracing.mjs')).measureTracing(bench),
  // The same: it needs the test's store to be built, and the AWS SDK.
  s3: async (bench) => (await import('./s3/measure-s3.mjs')).measureS3(bench),
};

/** What the smoke measures. */
export const SMOKE_PARTS = ['large', 'small', 'listings', 'log-ins'];
