import { beforeEach, describe, expect, it } from '@jest/globals';

import { makeDirectory, removeDirectory } from './directories.js';
import { lookUp } from './look-up.js';
import { removeFile } from './removing.js';
import { setAttributes } from './set-attributes.js';
import { failure } from './spec-support/fake-store.js';
import { at, FakeTree } from './spec-support/fake-tree.js';

describe('the entries of a tree', () => {
  let tree: FakeTree;

  beforeEach(() => {
    tree = new FakeTree({ f: 'x', 'd/f': 'x', 'e/.keep': '', 'c/': '' });
  });

  const mkdir = (path: string, mode?: number) =>
    makeDirectory(tree, tree.keys, at(path), mode === undefined ? {} : { mode });
  const rmdir = (path: string) => removeDirectory(tree, tree.keys, at(path));
  const remove = (path: string) => removeFile(tree, tree.keys, at(path));

  describe('makeDirectory', () => {
    it('writes a marker that keeps the mode, and a time that listings know too', async () => {
      await mkdir('/n', 0o700);
      expect(tree.store.text('t/n/.keep')).toBe('');
      const listed = (await tree.list('/')).find(({ name }) => name === 'n')?.info;
      expect(listed).toMatchObject({ type: 'directory', mode: 0o700 });
      expect(listed?.modifiedAt).toBeInstanceOf(Date);
      expect(await lookUp(tree, tree.keys, at('/n'))).toEqual(listed);
    });

    it('costs three requests', async () => {
      await mkdir('/n');
      expect(tree.store.counts()).toEqual({ head: 1, list: 1, put: 1 });
    });

    it('is EEXIST over whatever is there', async () => {
      for (const path of ['/', '/f', '/d', '/e', '/c']) {
        await expect(mkdir(path)).rejects.toMatchObject({ code: 'EEXIST' });
      }
    });

    it('needs a parent, and a name that is not the marker’s', async () => {
      await expect(mkdir('/none/n')).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(mkdir('/f/n')).rejects.toMatchObject({ code: 'ENOTDIR' });
      await expect(mkdir('/d/.keep')).rejects.toMatchObject({ code: 'EACCES' });
      await expect(mkdir(`/${'n'.repeat(256)}`)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
      expect(tree.paths).toEqual(['c/', 'd/f', 'e/.keep', 'f']);
    });

    it('succeeds once of many at once, also where the store knows no conditions', async () => {
      const put = tree.store.put.bind(tree.store);
      tree.store.put = (key, body, object, condition) =>
        condition === undefined ? put(key, body, object) : Promise.reject(failure(501));
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => mkdir('/n')));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(tree.store.text('t/n/.keep')).toBe('');
    });

    it('is EEXIST when another process was first', async () => {
      tree.store.before = ({ name }) => {
        if (name === 'put') tree.store.set('t/n/.keep');
      };
      await expect(mkdir('/n')).rejects.toMatchObject({ code: 'EEXIST' });
    });
  });

  describe('removeDirectory', () => {
    it('removes both kinds of marker, by two requests', async () => {
      tree.store.set('t/e/');
      await rmdir('/e');
      expect(tree.store.counts()).toEqual({ list: 1, deleteAll: 1 });
      await rmdir('/c');
      expect(tree.store.counts()).toEqual({ list: 1, delete: 1 });
      expect(tree.paths).toEqual(['d/f', 'f']);
    });

    it('is ENOTEMPTY when anything else is below, also what no client could name', async () => {
      for (const odd of ['t/e//', 't/e/../x', 't/e/sub/.keep', 't/e/f']) {
        tree.store.set(odd);
        await expect(rmdir('/e')).rejects.toMatchObject({ code: 'ENOTEMPTY' });
        tree.store.remove(odd);
      }
      tree.store.set('t/e/.keep', 'text');
      await expect(rmdir('/e')).rejects.toMatchObject({ code: 'ENOTEMPTY' });
      expect(tree.store.text('t/e/.keep')).toBe('text');
    });

    it('refuses the root, files and what is not there', async () => {
      await expect(rmdir('/')).rejects.toMatchObject({ code: 'EBUSY' });
      await expect(rmdir('/f')).rejects.toMatchObject({ code: 'ENOTDIR' });
      await expect(rmdir('/f/below')).rejects.toMatchObject({ code: 'ENOTDIR' });
      await expect(rmdir('/none')).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('forgets that the directory and those below were there', async () => {
      tree.tree.directories.remember('t/e/');
      tree.tree.directories.remember('t/e/sub/');
      await rmdir('/e');
      expect(tree.tree.directories.has('t/e/')).toBe(false);
      expect(tree.tree.directories.has('t/e/sub/')).toBe(false);
    });
  });

  describe('removeFile', () => {
    it('removes a file by two requests; a directory without a marker goes with its last', async () => {
      await remove('/d/f');
      expect(tree.store.counts()).toEqual({ head: 1, delete: 1 });
      expect(tree.paths).toEqual(['c/', 'e/.keep', 'f']);
    });

    it('refuses directories, markers and what is not there', async () => {
      await expect(remove('/')).rejects.toMatchObject({ code: 'EISDIR' });
      await expect(remove('/e')).rejects.toMatchObject({ code: 'EISDIR' });
      await expect(remove('/e/.keep')).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(remove('/f/below')).rejects.toMatchObject({ code: 'ENOTDIR' });
      expect(tree.store.text('t/e/.keep')).toBe('');
    });

    it('succeeds once of many at once', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => remove('/f')));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('setAttributes', () => {
    const set = (path: string, changes: Parameters<typeof setAttributes>[3]) =>
      setAttributes(tree, tree.keys, at(path), changes);

    it('keeps everything else of the object, and its time', async () => {
      const headers = { ContentType: 'text/x', CacheControl: 'no-store' };
      tree.store.set('t/f', 'content', { metadata: { color: 'red' }, headers });
      const before = tree.store.peek('t/f')?.lastModified;
      tree.store.now = new Date('2027-01-01T00:00:00Z');
      await set('/f', { mode: 0o600 });
      expect(tree.store.peek('t/f')).toMatchObject({
        size: 7,
        metadata: { color: 'red' },
        headers,
      });
      expect(await lookUp(tree, tree.keys, at('/f'))).toMatchObject({
        mode: 0o600,
        modifiedAt: before,
      });
    });

    it('lets the next listing know', async () => {
      const modifiedAt = new Date('2001-09-09T01:46:40Z');
      await set('/f', { accessedAt: modifiedAt, modifiedAt, mode: 0o640 });
      expect((await tree.list('/')).find(({ name }) => name === 'f')?.info).toMatchObject({
        mode: 0o640,
        modifiedAt,
      });
    });

    it('writes nothing when nothing changes', async () => {
      await set('/f', { mode: 0o600 });
      tree.store.counts();
      await set('/f', { mode: 0o600 });
      await set('/f', {});
      await set('/e', { mode: 0o755, uid: 0, gid: 0 });
      expect(tree.store.counts()).toEqual({ head: 4, list: 1 });
    });

    it('keeps those of a directory in its marker, which it makes', async () => {
      const modifiedAt = new Date('2001-09-09T01:46:40Z');
      await set('/d', { accessedAt: modifiedAt, modifiedAt });
      await set('/d', { mode: 0o700 });
      expect(tree.store.text('t/d/.keep')).toBe('');
      expect(await lookUp(tree, tree.keys, at('/d'))).toMatchObject({ mode: 0o700, modifiedAt });
    });

    it('does not touch the content of a marker of somebody else’s', async () => {
      tree.store.set('t/e/.keep', 'text');
      await set('/e', { mode: 0o700 });
      expect(tree.store.text('t/e/.keep')).toBe('text');
      expect(await lookUp(tree, tree.keys, at('/e'))).toMatchObject({ mode: 0o700 });
    });

    it('has no owners, and nothing for what is not there', async () => {
      await expect(set('/f', { uid: 1, gid: 0 })).rejects.toMatchObject({ code: 'ENOTSUP' });
      await expect(set('/none', {})).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(set('/f/below', {})).rejects.toMatchObject({ code: 'ENOTDIR' });
    });

    it('fails when the file was changed meanwhile, and keeps the new content', async () => {
      tree.store.before = ({ name }) => {
        if (name === 'copy') tree.store.set('t/f', 'changed');
      };
      await expect(set('/f', { mode: 0o600 })).rejects.toMatchObject({ code: 'EIO' });
      expect(tree.store.text('t/f')).toBe('changed');
    });
  });
});
