import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  at,
  descriptorsInto,
  EXCLUSIVE,
  get,
  makeScratch,
  names,
  put,
  PUT,
  READ,
  RESUME,
  type Scratch,
} from './spec-support/scratch.js';

const LEFT_OVER = `.nestjs-sftpd-upload-${'0'.repeat(32)}`;
const OVERWRITE = { overwrite: true };

describe('FolderBackend with atomicUploads', () => {
  let scratch: Scratch;

  beforeEach(async () => {
    scratch = await makeScratch({ atomicUploads: true });
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  const onDisk = (name: string) => readFile(path.join(scratch.root, name), 'utf8');

  it('shows a new file only at its close', async () => {
    const { backend } = scratch;
    const file = await backend.openFile(at('/f'), PUT);
    await file.write(Buffer.from('whole'), 0);
    expect(await names(backend)).toEqual([]);
    await expect(backend.fileInfo(at('/f'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await file.stat()).size).toBe(5);
    await file.close();
    expect(await names(backend)).toEqual(['f']);
    expect(readdirSync(scratch.root)).toEqual(['f']);
    expect(await onDisk('f')).toBe('whole');
  });

  it('keeps the old content until the close, and after an abort', async () => {
    const { backend, root } = scratch;
    await put(backend, '/f', 'old');
    const aborted = await backend.openFile(at('/f'), PUT);
    await aborted.write(Buffer.from('a part'), 0);
    expect(await onDisk('f')).toBe('old');
    await aborted.abort();
    expect(await onDisk('f')).toBe('old');
    expect(readdirSync(root)).toEqual(['f']);

    const closed = await backend.openFile(at('/f'), PUT);
    await closed.write(Buffer.from('new'), 0);
    expect(await get(backend, '/f')).toBe('old');
    await closed.close();
    expect(await get(backend, '/f')).toBe('new');
  });

  it('lets a reader of the old content finish', async () => {
    const { backend } = scratch;
    await put(backend, '/f', 'old');
    const reader = await backend.openFile(at('/f'), READ);
    await put(backend, '/f', 'new');
    const target = Buffer.alloc(3);
    await reader.read(target, 0);
    await reader.close();
    expect(target.toString()).toBe('old');
  });

  it('resumes an existing file in place', async () => {
    const { backend, root } = scratch;
    await put(backend, '/f', 'first ');
    const file = await backend.openFile(at('/f'), RESUME);
    await file.write(Buffer.from('second'), 6);
    expect(await onDisk('f')).toBe('first second');
    await file.abort();
    expect(await onDisk('f')).toBe('first second');
    expect(readdirSync(root)).toEqual(['f']);
  });

  it('carries over owner and permission bits, but not set-id bits, unless the client sets others', async () => {
    const { backend, root } = scratch;
    const file = path.join(root, 'f');
    writeFileSync(file, 'old');
    if (process.getuid?.() === 0) chownSync(file, 1234, 4321);
    chmodSync(file, 0o4606);
    const { uid, gid } = statSync(file);
    await put(backend, '/f', 'new');
    expect(statSync(file)).toMatchObject({ uid, gid, mode: 0o100606 });

    const upload = await backend.openFile(at('/f'), PUT);
    await upload.setAttributes?.({
      mode: 0o640,
      accessedAt: new Date(1_000_000),
      modifiedAt: new Date(2_000_000),
    });
    await upload.close();
    expect(statSync(file)).toMatchObject({
      mode: 0o100640,
      atimeMs: 1_000_000,
      mtimeMs: 2_000_000,
    });
  });

  it('writes through a link to its target and leaves the link', async () => {
    const { backend } = scratch;
    await backend.makeDir(at('/d'), {});
    await backend.symlink?.(at('/l'), 'd/f');
    await put(backend, '/l', 'text');
    expect(await onDisk('d/f')).toBe('text');
    expect((await backend.linkInfo(at('/l'))).type).toBe('symlink');
  });

  it('never replaces what appeared under an exclusive upload', async () => {
    const { backend, root } = scratch;
    const first = await backend.openFile(at('/f'), EXCLUSIVE);
    const second = await backend.openFile(at('/f'), EXCLUSIVE);
    await first.write(Buffer.from('first'), 0);
    await second.write(Buffer.from('second'), 0);
    await first.close();
    await expect(second.close()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await onDisk('f')).toBe('first');
    expect(statSync(path.join(root, 'f')).nlink).toBe(1);
    expect(readdirSync(root)).toEqual(['f']);
  });

  it('fails the close when a directory has taken the name, or the directory is gone', async () => {
    const { backend, root } = scratch;
    const open = await descriptorsInto(root);
    const taken = await backend.openFile(at('/f'), PUT);
    await backend.makeDir(at('/f'), {});
    await expect(taken.close()).rejects.toMatchObject({ code: 'EISDIR' });

    await backend.makeDir(at('/d'), {});
    const orphan = await backend.openFile(at('/d/f'), PUT);
    rmSync(path.join(root, 'd'), { recursive: true });
    await expect(orphan.close()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(root)).toEqual(['f']);
    expect(await descriptorsInto(root)).toEqual(open);
  });

  it('commits into its directory wherever that was moved', async () => {
    const { backend } = scratch;
    await backend.makeDir(at('/d'), {});
    const file = await backend.openFile(at('/d/f'), PUT);
    await file.write(Buffer.from('text'), 0);
    await backend.rename(at('/d'), at('/e'), { overwrite: false });
    await file.close();
    expect(await onDisk('e/f')).toBe('text');
  });

  it('lets clients neither see, open, make nor remove a temporary name', async () => {
    const { backend, root } = scratch;
    writeFileSync(path.join(root, LEFT_OVER), 'hidden');
    await put(backend, '/f', 'mine');
    await backend.symlink?.(at('/l'), LEFT_OVER);
    const missing = { code: 'ENOENT' };
    const denied = { code: 'EACCES' };
    for (const name of [LEFT_OVER, LEFT_OVER.toUpperCase(), LEFT_OVER.replace('s', '\u017f')]) {
      const hidden = at(`/${name}`);
      await expect(backend.fileInfo(hidden)).rejects.toMatchObject(missing);
      await expect(backend.linkInfo(hidden)).rejects.toMatchObject(missing);
      await expect(backend.openFile(hidden, READ)).rejects.toMatchObject(missing);
      await expect(backend.openFile(hidden, PUT)).rejects.toMatchObject(denied);
      await expect(backend.makeDir(hidden, {})).rejects.toMatchObject(denied);
      await expect(backend.delete(hidden)).rejects.toMatchObject(missing);
      await expect(backend.setAttributes(hidden, { size: 0 })).rejects.toMatchObject(missing);
      await expect(backend.rename(hidden, at('/g'), OVERWRITE)).rejects.toMatchObject(missing);
      await expect(backend.rename(at('/f'), hidden, OVERWRITE)).rejects.toMatchObject(denied);
      await expect(backend.copy(at('/f'), hidden, OVERWRITE)).rejects.toMatchObject(denied);
      await expect(backend.symlink?.(hidden, 'f')).rejects.toMatchObject(denied);
      await expect(backend.hardLink?.(at('/f'), hidden)).rejects.toMatchObject(denied);
      await expect(backend.listDir(at(`/${name}/d`))).rejects.toMatchObject(missing);
    }
    await expect(backend.openFile(at('/l'), READ)).rejects.toMatchObject(missing);
    expect(await names(backend)).toEqual(['f', 'l']);
    expect(await onDisk(LEFT_OVER)).toBe('hidden');
  });

  it('leaves a fresh temporary file alone, which may be another process at work', async () => {
    const { backend, root } = scratch;
    await backend.makeDir(at('/d'), {});
    writeFileSync(path.join(root, 'd', LEFT_OVER), 'part');
    expect(await names(backend, '/d')).toEqual([]);
    await expect(backend.delDir(at('/d'))).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    expect(await onDisk(`d/${LEFT_OVER}`)).toBe('part');
  });
});

describe('FolderBackend and temporary files that are left over', () => {
  let scratch: Scratch;
  const logged: string[] = [];

  beforeEach(async () => {
    logged.length = 0;
    scratch = await makeScratch({
      atomicUploads: true,
      staleUploadAge: 0,
      log: { log: (message) => logged.push(message), warn: () => undefined },
    });
    mkdirSync(path.join(scratch.root, 'd'));
    writeFileSync(path.join(scratch.root, 'd', LEFT_OVER), 'part');
  });

  afterEach(async () => {
    await scratch.dispose();
  });

  it('removes them in a listing, but none that is being written', async () => {
    const { backend, root } = scratch;
    const upload = await backend.openFile(at('/d/f'), PUT);
    expect(readdirSync(path.join(root, 'd'))).toHaveLength(2);
    expect(await names(backend, '/d')).toEqual([]);
    expect(readdirSync(path.join(root, 'd'))).toHaveLength(1);
    expect(logged).toEqual([expect.stringContaining(LEFT_OVER)]);
    await upload.close();
    expect(readdirSync(path.join(root, 'd'))).toEqual(['f']);
  });

  it('removes them when they alone keep a directory from being removed', async () => {
    await scratch.backend.delDir(at('/d'));
    expect(readdirSync(scratch.root)).toEqual([]);
  });

  it('does not remove a directory in which an upload is under way', async () => {
    const { backend, root } = scratch;
    const upload = await backend.openFile(at('/d/f'), PUT);
    await expect(backend.delDir(at('/d'))).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    await upload.abort();
    await backend.delDir(at('/d'));
    expect(readdirSync(root)).toEqual([]);
  });

  it('leaves directories with such a name alone', async () => {
    const directory = path.join(scratch.root, `${LEFT_OVER}-kept`);
    mkdirSync(directory);
    expect(await names(scratch.backend)).toEqual(['d']);
    expect(readdirSync(scratch.root).sort()).toEqual([path.basename(directory), 'd']);
  });
});
