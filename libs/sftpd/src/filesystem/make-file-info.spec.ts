import { describe, expect, it } from '@jest/globals';

import type { FileInfo } from './file-info.js';
import { directoryInfo, regularFileInfo, symbolicLinkInfo } from './make-file-info.js';

const modifiedAt = new Date('2026-01-02T03:04:05Z');

describe('directoryInfo', () => {
  it('tells of a directory', () => {
    expect(directoryInfo()).toEqual({ type: 'directory', size: 0 });
  });

  it('tells what else is known of it', () => {
    expect(directoryInfo({ mode: 0o555, modifiedAt })).toEqual({
      type: 'directory',
      size: 0,
      mode: 0o555,
      modifiedAt,
    });
  });

  it('is of a directory whatever else it is given', () => {
    const other: FileInfo = { type: 'regular', size: 12, uid: 3 };
    expect(directoryInfo(other)).toEqual({ type: 'directory', size: 0, uid: 3 });
  });
});

describe('regularFileInfo', () => {
  it('tells of a file and its size', () => {
    expect(regularFileInfo(12)).toEqual({ type: 'regular', size: 12 });
    expect(regularFileInfo(0)).toEqual({ type: 'regular', size: 0 });
  });

  it('tells what else is known of it', () => {
    const attributes = { mode: 0o444, uid: 1, gid: 2, links: 3, modifiedAt };
    expect(regularFileInfo(2 ** 40, attributes)).toEqual({
      type: 'regular',
      size: 2 ** 40,
      ...attributes,
    });
  });

  it.each([NaN, -1, 1.5, Infinity, 2 ** 53])('refuses a size of %s', (size) => {
    expect(() => regularFileInfo(size)).toThrow(new RegExp(`whole number of bytes.*${size}`));
  });
});

describe('symbolicLinkInfo', () => {
  it('has the size of its target in bytes', () => {
    expect(symbolicLinkInfo('../füß')).toEqual({ type: 'symlink', size: 8 });
    expect(symbolicLinkInfo('f', { mode: 0o700 })).toEqual({
      type: 'symlink',
      size: 1,
      mode: 0o700,
    });
  });
});
