import { beforeEach, describe, expect, it } from '@jest/globals';
import { normalizePath } from '../../filesystem/path.js';
import { MemoryBackend } from './index.js';
import { MAX_LINKS_FOLLOWED } from './memory-tree.js';

const at = normalizePath;
const failure = (code: string): unknown => expect.objectContaining({ code });

describe('the tree of MemoryBackend', () => {
  let backend: MemoryBackend;

  beforeEach(() => {
    backend = new MemoryBackend();
  });

  it('follows as many links as Linux does, and no more (ELOOP)', () => {
    backend.makeDir(at('/d'), {});
    backend.symlink(at('/l1'), 'd');
    for (let index = 2; index <= MAX_LINKS_FOLLOWED + 1; index += 1) {
      backend.symlink(at(`/l${index}`), `l${index - 1}`);
    }
    expect(backend.fileInfo(at(`/l${MAX_LINKS_FOLLOWED}`)).type).toBe('directory');
    expect(() => backend.fileInfo(at(`/l${MAX_LINKS_FOLLOWED + 1}`))).toThrow(failure('ELOOP'));
  });

  it('walks a path of many thousand directories', () => {
    let path = '';
    for (let depth = 0; depth < 2000; depth += 1) {
      path += '/d';
      backend.makeDir(at(path), {});
    }
    backend.rename(at('/d/d'), at('/e'), { overwrite: false });
    expect(backend.fileInfo(at(path.replace('/d/d', '/e'))).type).toBe('directory');
    expect(() =>
      backend.rename(at('/e'), at(`/e${'/d'.repeat(1990)}/x`), { overwrite: false }),
    ).toThrow(failure('EINVAL'));
  });

  it('follows a target with a slash at its end only to a directory', () => {
    backend.makeDir(at('/d'), {});
    backend.openFile(at('/f'), NEW).close();
    backend.symlink(at('/to-d'), 'd/');
    backend.symlink(at('/to-f'), 'f/');
    expect(backend.fileInfo(at('/to-d')).type).toBe('directory');
    expect(() => backend.fileInfo(at('/to-f'))).toThrow(failure('ENOTDIR'));
  });

  it('refuses targets that no file system takes', () => {
    expect(() => backend.symlink(at('/l'), '')).toThrow(failure('ENOENT'));
    expect(() => backend.symlink(at('/l'), 'a\0b')).toThrow(failure('EINVAL'));
    expect(() => backend.symlink(at('/l'), 'x'.repeat(4096))).toThrow(failure('ENAMETOOLONG'));
    expect([...backend.listDir(at('/'))]).toEqual([]);
  });

  it('has no name for the root: onto it is EEXIST without overwrite', () => {
    backend.makeDir(at('/d'), {});
    expect(() => backend.rename(at('/d'), at('/'), { overwrite: false })).toThrow(
      failure('EEXIST'),
    );
    expect(() => backend.hardLink(at('/d'), at('/'))).toThrow(failure('EEXIST'));
  });

  it('gathers the attributes of a listing only as they are asked for', () => {
    for (const name of ['a', 'b']) backend.makeDir(at(`/${name}`), { mode: 0o700 });
    const iterator = backend.listDir(at('/'))[Symbol.iterator]();
    expect(iterator.next().value).toMatchObject({ name: 'a', info: { mode: 0o700 } });
    backend.setAttributes(at('/b'), { mode: 0o711 });
    expect(iterator.next().value).toMatchObject({ name: 'b', info: { mode: 0o711 } });
    expect(iterator.next().done).toBe(true);
  });

  it('ends a listing although entries are added, and shows none twice that comes back', () => {
    for (const name of ['a', 'b']) backend.makeDir(at(`/${name}`), {});
    const seen: string[] = [];
    for (const { name } of backend.listDir(at('/'))) {
      seen.push(name);
      if (seen.length > 10) break;
      backend.delDir(at(`/${name}`));
      backend.makeDir(at(`/${name}`), {});
      backend.makeDir(at(`/new-${seen.length}`), {});
    }
    expect(seen).toEqual(['a', 'b']);
  });

  it('shares nothing with another backend', () => {
    backend.makeDir(at('/d'), {});
    expect([...new MemoryBackend().listDir(at('/'))]).toEqual([]);
  });
});

const NEW = {
  read: false,
  write: true,
  append: false,
  create: true,
  truncate: false,
  exclusive: true,
};
