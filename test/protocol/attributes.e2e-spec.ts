import { describe, expect, it } from '@jest/globals';

import { getFile, putFile } from '../support/raw-files.js';
import {
  close,
  fsetstat,
  fstat,
  lsetstat,
  lstat,
  mkdir,
  open,
  setstat,
  stat,
  symlink,
  write,
  type RawRequest,
} from '../support/raw-requests.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { FXF, type RawAttrs } from '../support/raw-wire.js';

const T1 = 1_000_000_000;
const T2 = 1_500_000_001;

describe.each(STORAGES)('attributes over %s', (storage) => {
  const target = useTarget(storage);

  /** Runs a test by path, with SETSTAT, and by handle, with FSETSTAT. */
  async function both(
    body: (
      set: (attrs: RawAttrs) => Promise<void>,
      now: () => Promise<RawAttrs>,
      content: () => Promise<string>,
    ) => Promise<void>,
  ): Promise<void> {
    const { sftp, dir } = await target.fresh();
    const run = async (path: string, set: (attrs: RawAttrs) => RawRequest): Promise<void> => {
      await body(
        (attrs) => sftp.ok(set(attrs)),
        () => sftp.attrs(stat(path)),
        async () => (await getFile(sftp, path)).toString(),
      );
    };
    await putFile(sftp, `${dir}/p`, '0123456789');
    await run(`${dir}/p`, (attrs) => setstat(`${dir}/p`, attrs));
    await putFile(sftp, `${dir}/h`, '0123456789');
    const handle = await sftp.handle(open(`${dir}/h`, FXF.READ | FXF.WRITE));
    await run(`${dir}/h`, (attrs) => fsetstat(handle, attrs));
    await sftp.ok(close(handle));
  }

  it('size truncates, and extends with zeros', async () => {
    await both(async (set, now, content) => {
      await set({ size: 4n });
      expect((await now()).size).toBe(4n);
      expect(await content()).toBe('0123');
      await set({ size: 6n });
      expect(await content()).toBe('0123\0\0');
      await set({ size: 0n });
      expect(await content()).toBe('');
    });
  });

  it('permissions are set with all twelve bits, and type bits in them are ignored', async () => {
    await both(async (set, now) => {
      for (const bits of [0o600, 0o777, 0o444, 0o6755, 0o1644]) {
        await set({ permissions: bits });
        expect((await now()).permissions).toBe(0o100000 | bits);
      }
      await set({ permissions: 0o040751 });
      expect((await now()).permissions).toBe(0o100751);
      await set({ permissions: 0o120640 });
      expect((await now()).permissions).toBe(0o100640);
    });
  });

  it('times are set to the second, to the ends of what 32 bits hold', async () => {
    await both(async (set, now) => {
      await set({ atime: T1, mtime: T2 });
      expect(await now()).toMatchObject({ atime: T1, mtime: T2 });
      await set({ atime: 0, mtime: 1 });
      expect(await now()).toMatchObject({ atime: 0, mtime: 1 });
      await set({ atime: 0x7fffffff, mtime: 0x80000001 });
      expect(await now()).toMatchObject({ atime: 0x7fffffff, mtime: 0x80000001 });
    });
  });

  it('owner and group are set', async () => {
    await both(async (set, now) => {
      await set({ uid: 1234, gid: 4321 });
      expect(await now()).toMatchObject({ uid: 1234, gid: 4321 });
    });
  });

  it('all at once, and the size does not spoil the time', async () => {
    await both(async (set, now, content) => {
      const wish = { size: 3n, uid: 7, gid: 8, permissions: 0o640, atime: T2, mtime: T1 };
      await set(wish);
      expect(await now()).toMatchObject({ ...wish, permissions: 0o100640 });
      expect(await content()).toBe('012');
    });
  });

  it('nothing at all is OK and changes nothing', async () => {
    await both(async (set, now) => {
      await set({ permissions: 0o640, atime: T1, mtime: T2 });
      const before = await now();
      await set({});
      expect(await now()).toEqual(before);
    });
  });

  it('extended attributes are ignored and those beside them are set', async () => {
    await both(async (set, now) => {
      const extended = [
        ['who@example.com', 'x'],
        ['', ''],
      ] as const;
      await set({ permissions: 0o611, extended });
      expect((await now()).permissions).toBe(0o100611);
      await set({ extended: [] });
    });
  });

  it('SETSTAT changes a directory, but not its size', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`));
    await sftp.ok(setstat(`${dir}/d`, { permissions: 0o750, atime: T1, mtime: T2 }));
    expect(await sftp.attrs(stat(`${dir}/d`))).toMatchObject({
      permissions: 0o040750,
      atime: T1,
      mtime: T2,
    });
    expect(await sftp.status(setstat(`${dir}/d`, { size: 0n }))).toBe('FAILURE');
  });

  it('SETSTAT follows a link; lsetstat changes the link itself', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    await sftp.ok(symlink('f', `${dir}/l`));
    await sftp.ok(setstat(`${dir}/l`, { permissions: 0o604, atime: T1, mtime: T1 }));
    expect(await sftp.attrs(stat(`${dir}/f`))).toMatchObject({ permissions: 0o100604, mtime: T1 });
    await sftp.ok(lsetstat(`${dir}/l`, { atime: T2, mtime: T2 }));
    expect((await sftp.attrs(lstat(`${dir}/l`))).mtime).toBe(T2);
    expect((await sftp.attrs(stat(`${dir}/f`))).mtime).toBe(T1);
    expect(await sftp.status(lsetstat(`${dir}/none`, { atime: T2, mtime: T2 }))).toBe(
      'NO_SUCH_FILE',
    );
    // a link has no size to set
    expect(await sftp.status(lsetstat(`${dir}/l`, { size: 1n }))).not.toBe('OK');
  });

  it('a time set behind pipelined writes stays after the CLOSE', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    const writes = Array.from({ length: 40 }, (_each, n) =>
      write(handle, n * 32_768, Buffer.alloc(32_768, n)),
    );
    const replies = await sftp.pipeline([
      ...writes,
      fsetstat(handle, { permissions: 0o640, atime: T1, mtime: T2 }),
      close(handle),
    ]);
    expect(replies.every((each) => each.kind === 'STATUS' && each.status === 'OK')).toBe(true);
    expect(await sftp.attrs(stat(`${dir}/f`))).toMatchObject({
      size: BigInt(40 * 32_768),
      permissions: 0o100640,
      mtime: T2,
    });
  });

  it('FSETSTAT of a time before the writes does not make it older than the writes', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    await sftp.ok(fsetstat(handle, { atime: T1, mtime: T1 }));
    await sftp.ok(write(handle, 0, 'later'));
    await sftp.ok(close(handle));
    const attrs = await sftp.attrs(stat(`${dir}/f`));
    expect(attrs.mtime).toBeGreaterThan(T1);
    expect(attrs.size).toBe(5n);
  });

  itOfOurs('FSETSTAT of the size needs a handle that may write', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, '0123456789');
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ));
    expect(await sftp.status(fsetstat(handle, { size: 1n }))).not.toBe('OK');
    expect((await sftp.attrs(fstat(handle))).size).toBe(10n);
  });
});
