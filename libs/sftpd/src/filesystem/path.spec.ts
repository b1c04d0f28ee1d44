import { describe, expect, it } from '@jest/globals';

import {
  baseName,
  childPath,
  isEntryName,
  isRootPath,
  isWithin,
  normalizePath,
  parentPath,
  pathSegments,
  rebasePath,
  ROOT_PATH,
} from './path.js';

describe('normalizePath', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['//', '/'],
    ['.', '/'],
    ['..', '/'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['a', '/a'],
    ['./a/', '/a'],
    ['/a//b///c/', '/a/b/c'],
    ['/a/./b/../c', '/a/c'],
    ['/a/b/../..', '/'],
    ['/a/b/../../../../c', '/c'],
    ['/...', '/...'],
    ['/.hidden/..b', '/.hidden/..b'],
    ['/a\\..\\b', '/a\\..\\b'],
    ['~', '/~'],
    [' / ', '/ / '],
    ['/ü/\n', '/ü/\n'],
  ])('makes of %j the path %j', (written, canonical) => {
    expect(normalizePath(written)).toBe(canonical);
    expect(normalizePath(canonical)).toBe(canonical);
  });

  it.each([
    ['x', '/home/ann/x'],
    ['', '/home/ann'],
    ['../bob', '/home/bob'],
    ['../../../..', '/'],
    ['/x', '/x'],
  ])('makes of %j in /home/ann the path %j', (written, canonical) => {
    expect(normalizePath(written, normalizePath('/home/ann'))).toBe(canonical);
  });

  it.each(['\0', '/a\0', '/a\0/../b', 'a/\0/..'])('refuses the NUL in %j', (written) => {
    expect(() => normalizePath(written)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  const SEED = 424_242;

  it(`never leaves anything to resolve (seed ${SEED})`, () => {
    let state = SEED;
    const random = (bound: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % bound;
    };
    const parts = ['/', '/', '.', '..', 'a', 'b', ' ', '\\', '...'];
    for (let round = 0; round < 5000; round++) {
      const written = Array.from({ length: random(12) }, () => parts[random(parts.length)]).join(
        '',
      );
      const path = normalizePath(written);
      expect(path).toMatch(/^\/(?:[^/]+(?:\/[^/]+)*)?$/);
      expect(pathSegments(path).every(isEntryName)).toBe(true);
    }
  });
});

describe('paths', () => {
  it.each([
    { path: '/', parent: '/', name: '', segments: [] },
    { path: '/a', parent: '/', name: 'a', segments: ['a'] },
    { path: '/a/b c', parent: '/a', name: 'b c', segments: ['a', 'b c'] },
  ])('are taken apart: $path', ({ path, parent, name, segments }) => {
    const canonical = normalizePath(path);
    expect(parentPath(canonical)).toBe(parent);
    expect(baseName(canonical)).toBe(name);
    expect(pathSegments(canonical)).toEqual(segments);
    expect(isRootPath(canonical)).toBe(path === '/');
    if (name !== '') expect(childPath(normalizePath(parent), name)).toBe(path);
  });

  it.each(['', '.', '..', 'a/b', '/', 'a\0'])('have no child called %j', (name) => {
    expect(isEntryName(name)).toBe(false);
    expect(() => childPath(ROOT_PATH, name)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  it.each([
    ['/a', '/', true],
    ['/', '/', true],
    ['/a', '/a', true],
    ['/a/b/c', '/a', true],
    ['/ab', '/a', false],
    ['/', '/a', false],
    ['/b', '/a', false],
  ])('%s within %s: %s', (path, ancestor, within) => {
    expect(isWithin(normalizePath(path), normalizePath(ancestor))).toBe(within);
  });

  it.each([
    ['/in/a/b', '/in', '/data', '/data/a/b'],
    ['/in', '/in', '/data', '/data'],
    ['/in/a', '/in', '/', '/a'],
    ['/in', '/in', '/', '/'],
    ['/a', '/', '/data', '/data/a'],
    ['/', '/', '/data', '/data'],
    ['/a', '/', '/', '/a'],
  ])('%s from %s to %s is %s', (path, from, to, rebased) => {
    expect(rebasePath(normalizePath(path), normalizePath(from), normalizePath(to))).toBe(rebased);
  });
});
