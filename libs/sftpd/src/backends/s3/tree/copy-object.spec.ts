import { beforeEach, describe, expect, it } from '@jest/globals';

import { copyFile } from './copy-file.js';
import { copyObject } from './copy-object.js';
import { failure } from './spec-support/fake-store.js';
import { at, FakeTree } from './spec-support/fake-tree.js';

const SIZES = { whole: 4, part: 5, streamedPart: 3 };
const CONTENT = 'twelve bytes';
const OBJECT = { metadata: { color: 'red' }, headers: { ContentType: 'text/x' } };

describe('copyObject', () => {
  let tree: FakeTree;

  beforeEach(() => {
    tree = new FakeTree();
    tree.store.set('t/f', CONTENT, OBJECT);
    tree.store.set('t/a+%b', CONTENT, OBJECT);
    tree.store.set('t/g', 'old');
  });

  const source = (key: string) => {
    const found = tree.store.peek(key);
    if (found === undefined) throw new Error(`there is no ${key}`);
    return found;
  };
  const copy = (key: string, signal?: AbortSignal) =>
    copyObject(tree, source(key), 't/g', undefined, signal, SIZES);

  it('copies by one request what is small enough', async () => {
    const etag = await copyObject(tree, source('t/f'), 't/g', { metadata: { mode: '33152' } });
    expect(tree.store.counts()).toEqual({ copy: 1 });
    expect(tree.store.peek('t/g')).toMatchObject({ etag, metadata: { mode: '33152' } });
    expect(tree.store.text('t/g')).toBe(CONTENT);
  });

  it('copies what is larger in parts, with its metadata and headers', async () => {
    const etag = await copy('t/f');
    expect(tree.store.text('t/g')).toBe(CONTENT);
    expect(tree.store.peek('t/g')).toMatchObject({ ...OBJECT, etag });
    expect(tree.store.counts()).toEqual({
      beginMultipart: 1,
      copyPart: 3,
      listParts: 1,
      complete: 1,
      head: 1,
    });
  });

  it('asks for the metadata of what a listing told of', async () => {
    const { key, etag, size } = source('t/f');
    await copyObject(tree, { key, etag, size }, 't/g', undefined, undefined, SIZES);
    expect(tree.store.peek('t/g')).toMatchObject(OBJECT);
  });

  it('carries parts through the process where the store would take the key for another', async () => {
    await copy('t/a+%b');
    expect(tree.store.text('t/g')).toBe(CONTENT);
    expect(tree.store.counts()).toMatchObject({ read: 4, uploadPart: 4 });
  });

  it('sends a part that goes through the process again', async () => {
    let failures = 2;
    tree.store.before = ({ name }) => {
      if (name === 'uploadPart' && failures > 0) {
        failures -= 1;
        throw failure(503);
      }
    };
    await copy('t/a+%b');
    expect(tree.store.text('t/g')).toBe(CONTENT);
  });

  it('makes parts so large that 10,000 suffice', async () => {
    tree.store.set('t/f', 'x'.repeat(20_001));
    await copyObject(tree, source('t/f'), 't/g', undefined, undefined, { ...SIZES, part: 1 });
    expect(tree.store.counts()).toMatchObject({ copyPart: 6667 });
    expect(tree.store.text('t/g')).toHaveLength(20_001);
  });

  it('has few parts on their way at once', async () => {
    let now = 0;
    let most = 0;
    tree.store.before = async ({ name }) => {
      if (name !== 'copyPart') return;
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
    };
    tree.store.set('t/f', 'x'.repeat(100));
    await copy('t/f');
    expect(most).toBe(4);
  });

  it('gives up the upload and keeps the target when a part fails', async () => {
    tree.store.before = ({ name }) => {
      if (name === 'copyPart') throw failure(503);
    };
    await expect(copy('t/f')).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.store.uploadCount).toBe(0);
    expect(tree.store.text('t/g')).toBe('old');
  });

  it('makes nothing of parts that are not as long as they should be', async () => {
    const { listParts } = tree.store;
    tree.store.listParts = async (upload, after) => {
      const { sizes, next } = await listParts.call(tree.store, upload, after);
      return { sizes: new Map([...sizes, [2, 4]]), next };
    };
    await expect(copy('t/f')).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.store.uploadCount).toBe(0);
    expect(tree.store.text('t/g')).toBe('old');
  });

  it('measures all parts, however many pages tell of them', async () => {
    tree.store.pageSize = 1;
    await copy('t/f');
    expect(tree.store.counts()).toMatchObject({ listParts: 3 });
    expect(tree.store.text('t/g')).toBe(CONTENT);
  });

  it('leaves nothing when it is given up', async () => {
    const giveUp = new AbortController();
    tree.store.before = ({ name }) => {
      if (name === 'copyPart') giveUp.abort();
    };
    await expect(copy('t/f', giveUp.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(tree.store.uploadCount).toBe(0);
    expect(tree.store.text('t/g')).toBe('old');
  });

  it('tells the log what could not be given up', async () => {
    tree.store.before = ({ name }) => {
      if (name === 'copyPart' || name === 'abortMultipart') throw failure(503, 'SlowDown');
    };
    await expect(copy('t/f')).rejects.toMatchObject({ code: 'EIO' });
    expect(tree.warnings).toEqual([expect.stringContaining('SlowDown')]);
  });

  it('fails when the source is another version meanwhile, whatever its size', async () => {
    const before = source('t/f');
    tree.store.set('t/f', 'another text');
    for (const whole of [4, 100]) {
      const copied = copyObject(tree, before, 't/g', undefined, undefined, { ...SIZES, whole });
      await expect(copied).rejects.toMatchObject({ code: 'EIO', message: /changed meanwhile/ });
    }
    expect(tree.store.text('t/g')).toBe('old');
  });

  it('is in the register of open uploads as long as it is at work', async () => {
    let seen = 0;
    tree.store.before = ({ name }) => {
      if (name === 'complete') seen = tree.openUploads.size;
    };
    await copy('t/f');
    expect([seen, tree.openUploads.size]).toEqual([1, 0]);
  });
});

describe('copyFile', () => {
  let tree: FakeTree;

  beforeEach(() => {
    tree = new FakeTree({ 'd/.keep': '', g: 'old' });
    tree.store.set('t/f', CONTENT, {
      metadata: { color: 'red', mode: String(0o104755), mtime: '1', atime: '1' },
      headers: { ContentType: 'text/x' },
    });
  });

  const copy = (from: string, to: string, overwrite = false) =>
    copyFile(tree, tree.keys, at(from), at(to), { overwrite });

  it('copies content, permission bits and headers, but not times and set-id bits', async () => {
    await copy('/f', '/d/new');
    expect(tree.store.text('t/d/new')).toBe(CONTENT);
    expect(tree.store.peek('t/d/new')).toMatchObject({
      metadata: { color: 'red', mode: String(0o100755) },
      headers: { ContentType: 'text/x' },
    });
    expect(tree.store.peek('t/d/new')?.metadata).not.toHaveProperty('mtime');
  });

  it('replaces a target only with overwrite', async () => {
    await expect(copy('/f', '/g')).rejects.toMatchObject({ code: 'EEXIST' });
    expect(tree.store.text('t/g')).toBe('old');
    await copy('/f', '/g', true);
    expect(tree.store.text('t/g')).toBe(CONTENT);
  });

  it('does nothing onto itself', async () => {
    await copy('/f', '/f', true);
    expect(tree.store.counts()).not.toHaveProperty('copy');
  });

  it.each([
    ['/d', '/new', true, 'EISDIR'],
    ['/', '/new', true, 'EISDIR'],
    ['/f', '/d', true, 'EISDIR'],
    ['/f', '/d', false, 'EEXIST'],
    ['/none', '/new', false, 'ENOENT'],
    ['/f', '/none/new', false, 'ENOENT'],
    ['/f', '/g/new', false, 'ENOTDIR'],
    ['/f', '/d/.keep', true, 'EACCES'],
    ['/d/.keep', '/new', true, 'ENOENT'],
  ])('of %s to %s with overwrite %s is %s', async (from, to, overwrite, code) => {
    const before = tree.paths;
    await expect(copy(from, to, overwrite)).rejects.toMatchObject({ code });
    expect(tree.paths).toEqual(before);
  });
});
