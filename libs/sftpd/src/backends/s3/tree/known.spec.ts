import { describe, expect, it } from '@jest/globals';

import { KnownAttributes } from './known-attributes.js';
import { KnownDirectories } from './known-directories.js';

describe('KnownDirectories', () => {
  it('knows a directory for a while', () => {
    let now = 1000;
    const known = new KnownDirectories(10, 100, () => now);
    known.remember('d/');
    now = 1099;
    expect(known.has('d/')).toBe(true);
    now = 1100;
    expect(known.has('d/')).toBe(false);
  });

  it('forgets those that were not asked for when there are too many', () => {
    const known = new KnownDirectories(2);
    known.remember('a/');
    known.remember('b/');
    known.has('a/');
    known.remember('c/');
    expect(['a/', 'b/', 'c/'].filter((prefix) => known.has(prefix))).toEqual(['a/', 'c/']);
  });

  it('forgets a directory with all below it, and no neighbour', () => {
    const known = new KnownDirectories();
    for (const prefix of ['d/', 'd/sub/', 'd-b/']) known.remember(prefix);
    known.forget('d/');
    expect(['d/', 'd/sub/', 'd-b/'].filter((prefix) => known.has(prefix))).toEqual(['d-b/']);
  });
});

describe('KnownAttributes', () => {
  it('knows the attributes of one version', () => {
    const known = new KnownAttributes();
    known.remember('k', '"1"', { mode: 0o600 });
    expect(known.of('k', '"1"')).toEqual({ mode: 0o600 });
    expect(known.of('k', '"2"')).toEqual({});
  });

  it('forgets what is not kept any more, and remembers nothing of what has no ETag', () => {
    const known = new KnownAttributes();
    known.remember('k', '"1"', { mode: 0o600 });
    known.remember('k', '"1"', {});
    known.remember('l', '', { mode: 0o600 });
    expect([known.of('k', '"1"'), known.of('l', '')]).toEqual([{}, {}]);
  });

  it('keeps a bounded number', () => {
    const known = new KnownAttributes(2);
    for (const key of ['a', 'b', 'c']) known.remember(key, '"1"', { mode: 0o600 });
    expect(['a', 'b', 'c'].filter((key) => known.of(key, '"1"').mode)).toEqual(['b', 'c']);
  });
});
