import { describe, expect, it } from '@jest/globals';

import {
  attributesOf,
  changedAttributes,
  fileInfoOf,
  withAttributes,
} from './object-attributes.js';

const TIME = new Date('2024-05-06T07:08:09.123Z');

describe('attributes in the metadata of an object', () => {
  it('come back as they went', () => {
    const kept = { mode: 0o4640, accessedAt: TIME, modifiedAt: new Date(0) };
    expect(attributesOf(withAttributes({}, kept))).toEqual(kept);
  });

  it('are written as s3fs and rclone write them', () => {
    expect(withAttributes({}, { mode: 0o644, accessedAt: TIME, modifiedAt: TIME })).toEqual({
      mode: '33188',
      atime: '1714979289.123',
      mtime: '1714979289.123',
    });
  });

  it('leave what else is there alone', () => {
    expect(withAttributes({ owner: 'x', mtime: '5' }, { mode: 0o600 })).toEqual({
      owner: 'x',
      mtime: '5',
      mode: '33152',
    });
    expect(withAttributes({ mtime: '5' }, {})).toEqual({ mtime: '5' });
  });

  it.each([
    { mtime: '' },
    { mtime: 'yesterday' },
    { mtime: '-1' },
    { mtime: '1e400' },
    { mtime: '99999999999999999' },
    { mode: '0644x' },
    { mode: '-1' },
    { mode: '12345678' },
  ])('are left out where a foreign hand wrote %p', (metadata) => {
    expect(attributesOf(metadata)).toEqual({});
  });

  it('change but for size, owner and group', () => {
    const kept = { mode: 0o600, modifiedAt: TIME };
    expect(changedAttributes(kept, { size: 7, uid: 1, gid: 1, mode: 0o640 })).toEqual({
      mode: 0o640,
      modifiedAt: TIME,
    });
  });

  it('come before the time of the object', () => {
    const stored = new Date('2025-01-01T00:00:00Z');
    expect(fileInfoOf(7, stored, {})).toEqual({ type: 'regular', size: 7, modifiedAt: stored });
    expect(fileInfoOf(7, stored, { modifiedAt: TIME }).modifiedAt).toBe(TIME);
  });
});
