import { describe, expect, it } from '@jest/globals';

import { S3OptionsError } from './s3-options.error.js';
import type { S3BackendOptions } from './s3-options.js';
import { s3Settings } from './s3-settings.js';

const MIB = 1024 * 1024;

function problemOf(options: unknown): S3OptionsError {
  try {
    s3Settings(options as S3BackendOptions);
  } catch (error) {
    if (error instanceof S3OptionsError) return error;
    throw error;
  }
  throw new Error('The options were taken');
}

describe('s3Settings', () => {
  it('needs no more than a bucket', () => {
    expect(s3Settings({ bucket: 'b' })).toMatchObject({
      bucket: 'b',
      prefix: '',
      region: 'us-east-1',
      forcePathStyle: false,
      createBucket: false,
      partSize: 5 * MIB,
      randomWrites: 'allow',
      abandonedUploadAge: 24 * 60 * 60 * 1000,
    });
  });

  it.each([
    ['tenant-a', 'tenant-a/'],
    ['tenant-a/', 'tenant-a/'],
    ['a/b c/ü', 'a/b c/ü/'],
  ])('has the prefix %p end in a slash', (prefix, used) => {
    expect(s3Settings({ bucket: 'b', prefix }).prefix).toBe(used);
  });

  it.each(['/a', 'a//b', './a', 'a/../b', 'a\nb', 'a\0', '/', '//', 'x'.repeat(1024), 7, null, []])(
    'takes %p for no prefix',
    (prefix) => {
      expect(problemOf({ bucket: 'b', prefix }).option).toBe('prefix');
    },
  );

  it.each<[string, unknown]>([
    ['bucket', undefined],
    ['bucket', ''],
    ['bucket', 7],
    ['prefix', { sessionAttribute: '' }],
    ['endpoint', 'localhost:9000'],
    ['endpoint', 'ftp://x'],
    ['region', ''],
    ['createBucket', 'yes'],
    ['partSize', 5 * MIB - 1],
    ['partSize', 8 * MIB + 0.5],
    ['uploadConcurrency', 0],
    ['maxUploadMemoryBytes', MIB],
    ['downloadRangeSize', 0],
    ['requestTimeout', 0],
    ['requestTimeout', Infinity],
    ['maxAttempts', 0],
    ['randomWrites', 'sometimes'],
    ['abandonedUploadAge', true],
    ['log', { log: () => undefined }],
    ['Bucket', 'b'],
  ])('names the option %s that is wrong (%p)', (option, value) => {
    const problem = problemOf({ bucket: 'b', [option]: value });
    expect(problem.option).toBe(option);
    expect(problem.message).toContain(`the option ${option} `);
  });

  it('takes no options of a connection beside a client that has one', () => {
    const problem = problemOf({ bucket: 'b', client: {}, endpoint: 'http://x' });
    expect(problem.message).toContain('the option endpoint has no effect beside client');
  });

  it('says what to write when there is nothing', () => {
    expect(problemOf(undefined).message).toContain("new S3Backend({ bucket: 'my-bucket' })");
  });
});
