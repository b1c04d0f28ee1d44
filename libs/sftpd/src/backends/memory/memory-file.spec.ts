import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenFlags } from '../../filesystem/open-file.js';
import { normalizePath } from '../../filesystem/path.js';
import { MemoryBackend } from './index.js';
import type { MemoryFile } from './memory-file.js';

const PATH = normalizePath('/f');
const ebadf = expect.objectContaining({ code: 'EBADF' });
const einval = expect.objectContaining({ code: 'EINVAL' });

describe('MemoryFile', () => {
  let backend: MemoryBackend;

  beforeEach(() => {
    backend = new MemoryBackend();
  });

  it('reads and writes at once, without a promise', () => {
    const file = open({ read: true, write: true, create: true });
    const write: (data: Uint8Array, offset: number) => unknown = file.write.bind(file);
    const written = write(Buffer.from('hello'), 0);
    expect(written).toBeUndefined();
    const target = Buffer.alloc(3);
    expect(file.read(target, 1)).toBe(3);
    expect(target.toString()).toBe('ell');
    file.close();
  });

  it('takes a Uint8Array that is no Buffer', () => {
    const file = open({ read: true, write: true, create: true });
    file.write(new Uint8Array([1, 2, 3]), 2);
    const target = new Uint8Array(8);
    expect(file.read(target, 0)).toBe(5);
    expect([...target]).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
    file.close();
  });

  it('keeps what was written when it is aborted', () => {
    const file = open({ write: true, create: true });
    file.write(Buffer.from('part'), 0);
    file.abort();
    expect(backend.fileInfo(PATH).size).toBe(4);
  });

  it('is of no use once it has ended', () => {
    const file = open({ read: true, write: true, create: true });
    file.close();
    expect(() => file.read(Buffer.alloc(1), 0)).toThrow(ebadf);
    expect(() => file.write(Buffer.from('x'), 0)).toThrow(ebadf);
    expect(() => file.stat()).toThrow(ebadf);
    expect(() => file.setAttributes({ mode: 0o600 })).toThrow(ebadf);
    expect(() => file.sync()).toThrow(ebadf);
  });

  it('refuses an offset that is none (EINVAL)', () => {
    const file = open({ read: true, write: true, create: true });
    for (const offset of [-1, 0.5, NaN, Infinity]) {
      expect(() => file.read(Buffer.alloc(1), offset)).toThrow(einval);
      expect(() => file.write(Buffer.from('x'), offset)).toThrow(einval);
    }
    expect(file.stat().size).toBe(0);
    file.close();
  });

  it('sets no size when it was opened to read (EINVAL), but does set a mode', () => {
    open({ write: true, create: true }).close();
    const file = open({ read: true });
    expect(() => file.setAttributes({ size: 5 })).toThrow(einval);
    file.setAttributes({ mode: 0o600 });
    expect(file.stat()).toMatchObject({ size: 0, mode: 0o600 });
    file.close();
  });

  it('refuses a size or time that is none (EINVAL) and sets nothing', () => {
    const file = open({ write: true, create: true });
    const nonsense = new Date(NaN);
    const before = file.stat();
    expect(() => file.setAttributes({ size: -1, mode: 0o600 })).toThrow(einval);
    expect(() => file.setAttributes({ size: 1.5, mode: 0o600 })).toThrow(einval);
    expect(() => file.setAttributes({ size: 9, modifiedAt: nonsense })).toThrow(einval);
    expect(file.stat()).toEqual(before);
    file.close();
  });

  function open(flags: Partial<OpenFlags>): MemoryFile {
    const none = { read: false, write: false, append: false, create: false };
    return backend.openFile(PATH, { ...none, truncate: false, exclusive: false, ...flags });
  }
});
