import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenFlags } from '../../filesystem/open-file.js';
import { normalizePath } from '../../filesystem/path.js';
import { MemoryBackend } from './index.js';
import type { MemoryFile } from './memory-file.js';

const at = normalizePath;
const KIB = 1024;
const LIMIT = 64 * KIB;
const enospc = expect.objectContaining({ code: 'ENOSPC' });

describe('MemoryBackend with maxBytes', () => {
  let backend: MemoryBackend;

  beforeEach(() => {
    backend = new MemoryBackend({ maxBytes: LIMIT });
  });

  it('tells its space in statVfs, block by block', () => {
    expect(backend.statVfs(at('/'))).toMatchObject({
      blockSize: 4096,
      totalBlocks: 16,
      freeBlocks: 16,
      availableBlocks: 16,
    });
    put('/f', 4097);
    expect(backend.statVfs(at('/f'))).toMatchObject({ totalBlocks: 16, freeBlocks: 14 });
    expect(() => backend.statVfs(at('/nowhere'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
  });

  it('counts names in statVfs, every kind of them', () => {
    const free = () => backend.statVfs(at('/')).freeFiles;
    const before = free();
    put('/f', 1);
    backend.makeDir(at('/d'), {});
    backend.symlink(at('/l'), 'f');
    backend.hardLink(at('/f'), at('/g'));
    backend.copy(at('/f'), at('/h'), { overwrite: false });
    backend.copy(at('/f'), at('/h'), { overwrite: true });
    backend.rename(at('/h'), at('/g'), { overwrite: true });
    expect(free()).toBe(before - 4);
    for (const path of ['/f', '/g', '/l']) backend.delete(at(path));
    backend.delDir(at('/d'));
    expect(free()).toBe(before);
  });

  it('makes no more names than maxFiles and takes no space for what it refuses', () => {
    backend = new MemoryBackend({ maxBytes: LIMIT, maxFiles: 2 });
    put('/f', 4096);
    backend.makeDir(at('/d'), {});
    const { freeBlocks } = backend.statVfs(at('/'));
    expect(() => open('/g', { write: true, create: true })).toThrow(enospc);
    expect(() => {
      backend.makeDir(at('/d/e'), {});
    }).toThrow(enospc);
    expect(() => {
      backend.symlink(at('/l'), 'f');
    }).toThrow(enospc);
    expect(() => {
      backend.hardLink(at('/f'), at('/g'));
    }).toThrow(enospc);
    expect(() => {
      backend.copy(at('/f'), at('/g'), { overwrite: false });
    }).toThrow(enospc);
    expect([...backend.listDir(at('/'))].map((entry) => entry.name).sort()).toEqual(['d', 'f']);
    expect(backend.statVfs(at('/'))).toMatchObject({ freeBlocks, freeFiles: 0 });
    backend.delDir(at('/d'));
    put('/g', 1);
  });

  it('refuses a write past the limit and keeps the file as it was', () => {
    const file = open('/f', { write: true, create: true, read: true });
    file.write(Buffer.alloc(LIMIT, 1), 0);
    expect(() => file.write(Buffer.from('x'), LIMIT)).toThrow(enospc);
    expect(file.stat().size).toBe(LIMIT);
    file.write(Buffer.alloc(LIMIT, 2), 0);
    file.close();
    expect(free()).toBe(0);
  });

  it('still makes names when it is full', () => {
    put('/f', LIMIT);
    backend.makeDir(at('/d'), {});
    put('/d/empty', 0);
    expect(() => put('/g', 1)).toThrow(enospc);
  });

  it('has room again after a deletion', () => {
    put('/f', LIMIT);
    backend.delete(at('/f'));
    expect(free()).toBe(LIMIT);
    put('/g', LIMIT);
  });

  it('has room again after a truncation, a replacement and a shrinking', () => {
    put('/f', LIMIT);
    open('/f', { write: true, truncate: true }).close();
    expect(free()).toBe(LIMIT);
    put('/f', LIMIT - 10 * KIB);
    put('/g', 10 * KIB);
    backend.rename(at('/g'), at('/f'), { overwrite: true });
    expect(free()).toBe(LIMIT - 10 * KIB);
    backend.setAttributes(at('/f'), { size: 4 * KIB });
    expect(free()).toBe(LIMIT - 4 * KIB);
  });

  it('has room again only when the last handle on a deleted file is closed', () => {
    put('/f', LIMIT);
    const one = open('/f', { read: true });
    const two = open('/f', { read: true });
    backend.delete(at('/f'));
    expect(free()).toBe(0);
    one.close();
    one.close();
    expect(free()).toBe(0);
    expect(two.read(Buffer.alloc(8), LIMIT - 4)).toBe(4);
    two.abort();
    expect(free()).toBe(LIMIT);
  });

  it('has room again only when the last of several names is deleted', () => {
    put('/f', LIMIT);
    backend.hardLink(at('/f'), at('/g'));
    backend.delete(at('/f'));
    expect(free()).toBe(0);
    backend.delete(at('/g'));
    expect(free()).toBe(LIMIT);
  });

  it('takes nothing for a hole', () => {
    put('/f', 0);
    backend.setAttributes(at('/f'), { size: 2 ** 40 });
    expect(free()).toBe(LIMIT);
  });

  it('refuses a size past the largest file (EFBIG) and sets nothing of the rest', () => {
    put('/f', 1);
    const { mode, modifiedAt } = backend.fileInfo(at('/f'));
    const changes = { size: Number.MAX_SAFE_INTEGER, mode: 0o600, modifiedAt: new Date(0) };
    expect(() => backend.setAttributes(at('/f'), changes)).toThrow(
      expect.objectContaining({ code: 'EFBIG' }),
    );
    expect(backend.fileInfo(at('/f'))).toMatchObject({ size: 1, mode, modifiedAt });
  });

  it('refuses a copy that does not fit and leaves the target as it was', () => {
    put('/f', 40 * KIB);
    put('/g', 10 * KIB);
    expect(() => backend.copy(at('/f'), at('/g'), { overwrite: true })).toThrow(enospc);
    expect(() => backend.copy(at('/f'), at('/h'), { overwrite: false })).toThrow(enospc);
    expect(backend.fileInfo(at('/g')).size).toBe(10 * KIB);
    expect([...backend.listDir(at('/'))].map(({ name }) => name)).toEqual(['f', 'g']);
    expect(free()).toBe(14 * KIB);
  });

  it('needs no room to copy a file onto itself, whose other names stay its own', () => {
    put('/f', LIMIT);
    backend.hardLink(at('/f'), at('/g'));
    backend.copy(at('/f'), at('/g'), { overwrite: true });
    expect(backend.fileInfo(at('/g'))).toMatchObject({ size: LIMIT, links: 2 });
  });

  it('gives back what a writer took in advance when the writer ends', () => {
    const file = open('/f', { write: true, create: true });
    file.write(Buffer.alloc(10 * KIB), 0);
    file.write(Buffer.alloc(KIB), 10 * KIB);
    file.close();
    expect(free()).toBe(LIMIT - 11 * KIB);
  });

  function open(path: string, flags: Partial<OpenFlags>): MemoryFile {
    const none = { read: false, write: false, append: false, create: false };
    return backend.openFile(at(path), { ...none, truncate: false, exclusive: false, ...flags });
  }

  function put(path: string, size: number): void {
    const file = open(path, { write: true, create: true, truncate: true });
    try {
      file.write(Buffer.alloc(size, 1), 0);
    } finally {
      file.close();
    }
  }

  /** Free bytes: what a file that takes all there is can be given. */
  function free(): number {
    const probe = open('/probe', { write: true, create: true });
    let fits = 0;
    for (let step = 2 * LIMIT; step >= 1; step /= 2) {
      try {
        probe.write(Buffer.alloc(step), fits);
        fits += step;
      } catch (error) {
        expect(error).toEqual(enospc);
      }
    }
    probe.close();
    backend.delete(at('/probe'));
    return fits;
  }
});
