import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';

import { ContentDigest } from './content-digest.js';

const CONTENT = Buffer.from('0123456789');
const HEX = createHash('sha256').update(CONTENT).digest('hex');

function digestOf(append: boolean, ...writes: [number, number, number?][]): ContentDigest {
  const digest = new ContentDigest('sha256', append);
  for (const [start, end, offset = start] of writes) {
    digest.update(CONTENT.subarray(start, end), offset);
  }
  return digest;
}

describe('ContentDigest', () => {
  it('is that of what was written in order', () => {
    expect(digestOf(false, [0, 4], [4, 4], [4, 10]).finish(10)).toBe(HEX);
  });

  it('minds no offsets where everything is written at the end', () => {
    expect(digestOf(true, [0, 4, 900], [4, 10, 0]).finish(10)).toBe(HEX);
  });

  it('is that of nothing for an empty file', () => {
    expect(digestOf(false).finish(0)).toBe(createHash('sha256').digest('hex'));
  });

  it.each<[string, ContentDigest, number]>([
    ['of a file that was written out of order', digestOf(false, [4, 10], [0, 4]), 10],
    ['of a file of which a part was written twice', digestOf(false, [0, 10], [0, 4]), 10],
    ['of a file that had content before', digestOf(true, [4, 10]), 10],
    ['of a file that is longer than what was written', digestOf(false, [0, 10]), 12],
  ])('is not known %s', (_, digest, size) => {
    expect(digest.finish(size)).toBeUndefined();
  });

  it('is not known of a content that has changed otherwise', () => {
    const digest = digestOf(false, [0, 10]);
    digest.miss();
    expect(digest.finish(10)).toBeUndefined();
  });
});
