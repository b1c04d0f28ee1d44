import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from './environment.js';
import { ConfigurationError } from './problems.js';
import type { Environment } from './variables.js';

const FOLDER = { SFTP_BACKEND: 'folder', SFTP_FOLDER_ROOT: 'data' };

function problemsOf(env: Environment): readonly string[] {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('REDIS_URL', () => {
  it.each([
    'redis://localhost',
    'redis://:hunter2@10.0.0.1:6380/3',
    'redis://anna:hunter2@[::1]:6379/',
    'rediss://redis.example.org',
  ])('may be %s', (REDIS_URL) => {
    const { ingestion, warnings } = readEnvironment({ ...FOLDER, REDIS_URL });
    expect(ingestion).toEqual({ redisUrl: REDIS_URL });
    expect(warnings).toEqual([]);
  });

  it.each([
    'localhost:6379',
    'http://:hunter2@localhost',
    'redis://',
    'redis:///var/run/redis.sock',
    'redis://:hunter2@localhost/name',
    'redis://:hunter2@localhost/1?family=6',
    'redis://:hunter2@localhost:99999',
  ])('is refused, and not told: %s', (REDIS_URL) => {
    expect(problemsOf({ ...FOLDER, REDIS_URL })).toEqual([
      'REDIS_URL must be redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss:// for TLS; all but the host may be left out',
    ]);
  });

  it('warns of uploads that no worker can read', () => {
    expect(readEnvironment({ REDIS_URL: 'redis://localhost' }).warnings).toEqual([
      'REDIS_URL queues uploads, but no worker can read their content: files are kept in memory',
    ]);
  });
});

describe('SFTP_OUTBOX_DIR', () => {
  it('goes with REDIS_URL', () => {
    const env = { ...FOLDER, REDIS_URL: 'redis://localhost', SFTP_OUTBOX_DIR: '/var/outbox' };
    expect(readEnvironment(env).ingestion).toEqual({
      redisUrl: 'redis://localhost',
      outboxDirectory: '/var/outbox',
    });
  });

  it('has no effect without it, of which the operator is warned', () => {
    const { ingestion, warnings } = readEnvironment({ SFTP_OUTBOX_DIR: '/var/outbox' });
    expect(ingestion).toBeUndefined();
    expect(warnings).toEqual(['SFTP_OUTBOX_DIR has no effect without REDIS_URL']);
  });
});
