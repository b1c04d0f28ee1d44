import { describe, expect, it } from '@jest/globals';

import type { OpenFile } from '../../../filesystem/open-file.js';
import type { StoredObject } from '../store/stored-object.js';
import { ObjectFile } from './object-file.js';
import { DrivenSource } from './spec-support/driven-source.js';
import { readerOf } from './spec-support/reading.js';

function opened(): { file: ObjectFile; source: DrivenSource } {
  const source = new DrivenSource(10_000).answerAll();
  const object: StoredObject = {
    ...source.object,
    lastModified: new Date(5000),
    metadata: { mode: '33188', mtime: '7.5', other: 'x' },
    headers: {},
  };
  return { file: new ObjectFile(object, readerOf(source).reader), source };
}

describe('ObjectFile', () => {
  it('reads the object', async () => {
    const { file, source } = opened();
    const target = Buffer.alloc(100);
    expect(await file.read(target, 9950)).toBe(50);
    expect(target.subarray(0, 50).equals(source.content.subarray(9950))).toBe(true);
  });

  it('tells the attributes that its metadata hold, without asking', () => {
    const { file, source } = opened();
    expect(file.stat()).toEqual({
      type: 'regular',
      size: 10_000,
      mode: 0o644,
      modifiedAt: new Date(7500),
    });
    expect(source.gets).toEqual([]);
  });

  it('cannot be written to, and is what its name shows', () => {
    const file: OpenFile = opened().file;
    expect(() => file.write(Buffer.alloc(1), 0)).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    );
    expect(file.staged).toBeUndefined();
  });

  it.each(['close', 'abort'] as const)('%s ends its reader', async (end) => {
    const { file } = opened();
    file[end]();
    await expect(file.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'EBADF' });
  });
});
