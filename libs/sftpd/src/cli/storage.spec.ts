import { describe, expect, it } from '@jest/globals';

import { UsageError } from './errors.js';
import { describeStorage, readStorage } from './storage.js';

describe('readStorage', () => {
  it('takes a folder', () => {
    expect(readStorage('./dir', {})).toEqual({
      kind: 'folder',
      root: './dir',
      atomicUploads: false,
    });
    expect(readStorage('./dir', { atomic: true })).toMatchObject({ atomicUploads: true });
  });

  it('takes memory', () => {
    expect(readStorage(undefined, { memory: true })).toEqual({ kind: 'memory' });
  });

  it('takes a bucket with what belongs to it', () => {
    const flags = { s3: 'b', s3Prefix: 'p/', s3Endpoint: 'http://h', s3Region: 'r' };
    expect(readStorage(undefined, { ...flags, s3PathStyle: true })).toEqual({
      kind: 's3',
      bucket: 'b',
      prefix: 'p/',
      endpoint: 'http://h',
      region: 'r',
      forcePathStyle: true,
    });
    expect(readStorage(undefined, { s3: 'b' })).toEqual({
      kind: 's3',
      bucket: 'b',
      forcePathStyle: false,
    });
  });

  it.each([
    [undefined, {}, /^DIRECTORY is missing: .*--memory or --s3 BUCKET$/],
    ['', {}, /^DIRECTORY is empty/],
    ['d', { memory: true }, /^DIRECTORY and --memory exclude each other: keep one/],
    ['d', { memory: true, s3: 'b' }, /^DIRECTORY and --memory and --s3 exclude/],
    [undefined, { memory: true, atomic: true }, /^--atomic .* no effect with --memory: leave it/],
    [undefined, { s3: 'b', atomic: true }, /^--atomic .* no effect with --s3/],
    ['d', { s3Prefix: 'p/' }, /^--s3-prefix: give --s3 BUCKET too/],
    ['d', { s3Endpoint: 'x', s3PathStyle: true }, /^--s3-endpoint and --s3-path-style: give/],
    ['d', { s3Region: 'x' }, /^--s3-region: give/],
  ])('refuses %j with %j', (directory, flags, message) => {
    expect(() => readStorage(directory, flags)).toThrow(UsageError);
    expect(() => readStorage(directory, flags)).toThrow(message);
  });
});

it.each([
  [{ kind: 'folder', root: '/srv', atomicUploads: false }, 'the folder /srv'],
  [{ kind: 'memory' }, 'memory'],
  [{ kind: 's3', bucket: 'b', forcePathStyle: false }, 'the bucket b'],
] as const)('describes %j', (storage, text) => {
  expect(describeStorage(storage)).toBe(text);
});
