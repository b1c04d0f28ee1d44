import { describe, expect, it } from '@jest/globals';
import { normalizePath } from 'nestjs-sftpd';
import type { S3Storage } from '../s3-storage.js';
import { contentLocation, neededAttributes } from './content-location.js';

const FILE = normalizePath('/in/a b.csv');
const ANNA = { attributes: { tenant: 'north', token: 'hunter2' } };
const NOBODY = { attributes: {} };

function s3(prefix: S3Storage['prefix']): S3Storage {
  return {
    kind: 's3',
    bucket: 'uploads',
    prefix,
    region: 'eu',
    forcePathStyle: false,
    createBucket: false,
  };
}

describe('contentLocation', () => {
  it('is the root of a folder, absolute, and the path in it', () => {
    const storage = { kind: 'folder', root: '/srv/../files', atomicUploads: false } as const;
    expect(contentLocation(storage, FILE, ANNA)).toEqual({
      kind: 'folder',
      root: '/files',
      path: '/in/a b.csv',
    });
  });

  it.each<[S3Storage['prefix'], string]>([
    ['', 'in/a b.csv'],
    ['all', 'all/in/a b.csv'],
    ['all/', 'all/in/a b.csv'],
    [{ sessionAttribute: 'tenant' }, 'north/in/a b.csv'],
  ])('is the key that the storage has with the prefix %j', (prefix, key) => {
    expect(contentLocation(s3(prefix), FILE, ANNA)).toEqual({ kind: 's3', bucket: 'uploads', key });
  });

  it('is none of a session without the prefix that it needs', () => {
    expect(contentLocation(s3({ sessionAttribute: 'tenant' }), FILE, NOBODY)).toBeNull();
    expect(contentLocation(s3({ sessionAttribute: 'toString' }), FILE, ANNA)).toBeNull();
  });

  it('is none in memory', () => {
    expect(contentLocation({ kind: 'memory' }, FILE, ANNA)).toBeNull();
  });
});

describe('neededAttributes', () => {
  it('are the one that the storage goes by, and no other', () => {
    expect(neededAttributes(s3({ sessionAttribute: 'tenant' }), ANNA)).toEqual({ tenant: 'north' });
    expect(neededAttributes(s3('all/'), ANNA)).toEqual({});
    expect(neededAttributes({ kind: 'memory' }, ANNA)).toEqual({});
  });
});
