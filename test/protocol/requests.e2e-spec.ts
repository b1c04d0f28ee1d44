import { describe, expect, it } from '@jest/globals';

import { exists, getFile, listAll, putFile } from '../support/raw-files.js';
import {
  close,
  fsetstat,
  fstat,
  hardlink,
  lstat,
  mkdir,
  open,
  opendir,
  posixRename,
  read,
  readdir,
  readlink,
  realpath,
  remove,
  rename,
  rmdir,
  setstat,
  stat,
  symlink,
  write,
} from '../support/raw-requests.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

const TYPE_BITS = 0o170000;

describe.each(STORAGES)('every request over %s', (storage) => {
  const target = useTarget(storage);

  it('OPEN, WRITE, READ and CLOSE store and give back a file', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.READ | FXF.CREAT));
    await sftp.ok(write(handle, 0, 'hello'));
    expect((await sftp.data(read(handle, 0, 100))).toString()).toBe('hello');
    expect((await sftp.data(read(handle, 1, 3))).toString()).toBe('ell');
    expect(await sftp.outcome(read(handle, 5, 1))).toBe('EOF');
    await sftp.ok(close(handle));
    expect((await getFile(sftp, `${dir}/f`)).toString()).toBe('hello');
  });

  it('OPEN refuses what is not there, a directory for writing and a path through a file', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    expect(await sftp.outcome(open(`${dir}/none`, FXF.READ))).toBe('NO_SUCH_FILE');
    expect(await sftp.outcome(open(`${dir}/none/f`, FXF.WRITE | FXF.CREAT))).toBe('NO_SUCH_FILE');
    expect(await sftp.outcome(open(dir, FXF.WRITE))).toBe('FAILURE');
    expect(await sftp.outcome(open(dir, FXF.WRITE | FXF.CREAT | FXF.TRUNC))).toBe('FAILURE');
    expect(await sftp.outcome(open(`${dir}/f/g`, FXF.READ))).toMatch(/^(NO_SUCH_FILE|FAILURE)$/);
    await sftp.alive();
  });

  itOfOurs(
    'OPEN of a directory for reading is refused: a handle of it can read nothing',
    async () => {
      const { sftp, dir } = await target.fresh();
      expect(await sftp.outcome(open(dir, FXF.READ))).toBe('FAILURE');
    },
  );

  it('OPEN gives a new file the permissions of its attributes', async () => {
    const { sftp, dir } = await target.fresh();
    const flags = FXF.WRITE | FXF.CREAT;
    await sftp.ok(close(await sftp.handle(open(`${dir}/f`, flags, { permissions: 0o600 }))));
    expect((await sftp.attrs(stat(`${dir}/f`))).permissions).toBe(0o100600);
    await sftp.ok(close(await sftp.handle(open(`${dir}/f`, flags, { permissions: 0o644 }))));
    expect((await sftp.attrs(stat(`${dir}/f`))).permissions).toBe(0o100600);
  });

  it('STAT, LSTAT and FSTAT tell type, size, permissions, owner and times', async () => {
    const { sftp, dir } = await target.fresh();
    const before = Math.floor(Date.now() / 1000) - 2;
    await putFile(sftp, `${dir}/f`, 'twelve bytes');
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ));
    for (const query of [stat(`${dir}/f`), lstat(`${dir}/f`), fstat(handle)]) {
      const attrs = await sftp.attrs(query);
      expect(attrs.size).toBe(12n);
      expect((attrs.permissions ?? 0) & TYPE_BITS).toBe(0o100000);
      expect(attrs.uid).toEqual(expect.any(Number));
      expect(attrs.gid).toEqual(expect.any(Number));
      expect(attrs.mtime).toBeGreaterThanOrEqual(before);
      expect(attrs.mtime).toBeLessThanOrEqual(before + 60);
      expect(attrs.atime).toEqual(expect.any(Number));
    }
    for (const query of [stat(dir), lstat(dir)]) {
      expect(((await sftp.attrs(query)).permissions ?? 0) & TYPE_BITS).toBe(0o040000);
    }
    expect(await sftp.outcome(stat(`${dir}/none`))).toBe('NO_SUCH_FILE');
    expect(await sftp.outcome(lstat(`${dir}/none`))).toBe('NO_SUCH_FILE');
  });

  it('STAT follows a link, LSTAT does not, and a dangling link has only the latter', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, '12345');
    await sftp.ok(symlink('f', `${dir}/l`));
    await sftp.ok(symlink('none', `${dir}/dangling`));
    expect((await sftp.attrs(stat(`${dir}/l`))).size).toBe(5n);
    expect(((await sftp.attrs(lstat(`${dir}/l`))).permissions ?? 0) & TYPE_BITS).toBe(0o120000);
    expect((await sftp.attrs(lstat(`${dir}/l`))).size).toBe(1n);
    expect(await sftp.outcome(stat(`${dir}/dangling`))).toBe('NO_SUCH_FILE');
    expect(await sftp.outcome(lstat(`${dir}/dangling`))).toBe('ATTRS');
  });

  it('MKDIR and OPEN give no set-id or sticky bits, nor those of the umask', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`, { permissions: 0o7777 }));
    expect((await sftp.attrs(stat(`${dir}/d`))).permissions).toBe(0o040755);
    await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT, { permissions: 0o7777 }));
    expect((await sftp.attrs(stat(`${dir}/f`))).permissions).toBe(0o100755);
  });

  it('MKDIR and RMDIR make and remove an empty directory, and refuse the rest', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`, { permissions: 0o700 }));
    expect((await sftp.attrs(stat(`${dir}/d`))).permissions).toBe(0o040700);
    expect(await sftp.status(mkdir(`${dir}/d`))).toBe('FAILURE');
    expect(await sftp.status(mkdir(`${dir}/none/d`))).toBe('NO_SUCH_FILE');
    await putFile(sftp, `${dir}/d/f`, 'x');
    expect(await sftp.status(mkdir(`${dir}/d/f`))).toBe('FAILURE');
    expect(await sftp.status(rmdir(`${dir}/d`))).toBe('FAILURE');
    expect(await sftp.status(rmdir(`${dir}/d/f`))).toMatch(/^(NO_SUCH_FILE|FAILURE)$/);
    expect(await sftp.status(rmdir(`${dir}/none`))).toBe('NO_SUCH_FILE');
    await sftp.ok(remove(`${dir}/d/f`));
    await sftp.ok(rmdir(`${dir}/d`));
    expect(await exists(sftp, `${dir}/d`)).toBe(false);
  });

  it('REMOVE takes a file or a link itself, never a directory', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    await sftp.ok(symlink('f', `${dir}/l`));
    await sftp.ok(mkdir(`${dir}/d`));
    await sftp.ok(remove(`${dir}/l`));
    expect(await exists(sftp, `${dir}/f`)).toBe(true);
    await sftp.ok(remove(`${dir}/f`));
    expect(await sftp.status(remove(`${dir}/f`))).toBe('NO_SUCH_FILE');
    expect(await sftp.status(remove(`${dir}/d`))).toBe('FAILURE');
    expect(await exists(sftp, `${dir}/d`)).toBe(true);
  });

  it('OPENDIR and READDIR list; OPENDIR refuses a file and what is not there', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    expect((await listAll(sftp, dir)).map(({ filename }) => filename).sort()).toEqual([
      '.',
      '..',
      'f',
    ]);
    expect(await sftp.outcome(opendir(`${dir}/none`))).toBe('NO_SUCH_FILE');
    expect(await sftp.outcome(opendir(`${dir}/f`))).toMatch(/^(NO_SUCH_FILE|FAILURE)$/);
  });

  it('SETSTAT and FSETSTAT change attributes; SETSTAT refuses what is not there', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    await sftp.ok(setstat(`${dir}/f`, { permissions: 0o640 }));
    expect((await sftp.attrs(stat(`${dir}/f`))).permissions).toBe(0o100640);
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE));
    await sftp.ok(fsetstat(handle, { permissions: 0o604 }));
    expect((await sftp.attrs(fstat(handle))).permissions).toBe(0o100604);
    expect(await sftp.status(setstat(`${dir}/none`, { permissions: 0o600 }))).toBe('NO_SUCH_FILE');
  });

  it('READLINK gives a link as it was written and refuses anything else', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    await sftp.ok(symlink('../odd/./target', `${dir}/l`));
    const [name, ...more] = await sftp.names(readlink(`${dir}/l`));
    expect(name?.filename).toBe('../odd/./target');
    expect(more).toEqual([]);
    expect(await sftp.status(readlink(`${dir}/none`))).toBe('NO_SUCH_FILE');
    // OpenSSH answers EINVAL with BAD_MESSAGE
    expect(await sftp.status(readlink(`${dir}/f`))).toMatch(/^(FAILURE|BAD_MESSAGE)$/);
    expect(await sftp.status(readlink(dir))).toMatch(/^(FAILURE|BAD_MESSAGE)$/);
  });

  it('SYMLINK takes the target first and refuses a name that is taken', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    await sftp.ok(symlink(`${dir}/f`, `${dir}/l`));
    expect((await sftp.names(readlink(`${dir}/l`)))[0]?.filename).toBe(`${dir}/f`);
    expect((await getFile(sftp, `${dir}/l`)).toString()).toBe('x');
    expect(await sftp.status(symlink('f', `${dir}/l`))).toBe('FAILURE');
    expect(await sftp.status(symlink('f', `${dir}/none/l`))).toBe('NO_SUCH_FILE');
  });

  it('RENAME moves and refuses an existing target; posix-rename replaces it', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/a`, 'a');
    await putFile(sftp, `${dir}/b`, 'b');
    expect(await sftp.status(rename(`${dir}/a`, `${dir}/b`))).toBe('FAILURE');
    expect((await getFile(sftp, `${dir}/b`)).toString()).toBe('b');
    expect(await sftp.status(rename(`${dir}/none`, `${dir}/c`))).toBe('NO_SUCH_FILE');
    expect(await sftp.status(rename(`${dir}/a`, `${dir}/none/c`))).toBe('NO_SUCH_FILE');
    await sftp.ok(rename(`${dir}/a`, `${dir}/c`));
    expect(await exists(sftp, `${dir}/a`)).toBe(false);
    await sftp.ok(posixRename(`${dir}/c`, `${dir}/b`));
    expect((await getFile(sftp, `${dir}/b`)).toString()).toBe('a');
    expect(await exists(sftp, `${dir}/c`)).toBe(false);
    expect(await sftp.status(posixRename(`${dir}/none`, `${dir}/b`))).toBe('NO_SUCH_FILE');
  });

  it('RENAME moves a directory with all it holds, but not into itself', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`));
    await sftp.ok(mkdir(`${dir}/d/e`));
    await putFile(sftp, `${dir}/d/e/f`, 'deep');
    await sftp.ok(rename(`${dir}/d`, `${dir}/moved`));
    expect((await getFile(sftp, `${dir}/moved/e/f`)).toString()).toBe('deep');
    expect(await exists(sftp, `${dir}/d`)).toBe(false);
    expect(await sftp.status(rename(`${dir}/moved`, `${dir}/moved/e/x`))).not.toBe('OK');
    expect(await sftp.status(posixRename(`${dir}/moved`, `${dir}/moved/e/x`))).not.toBe('OK');
    expect((await getFile(sftp, `${dir}/moved/e/f`)).toString()).toBe('deep');
  });

  it('RENAME refuses an existing directory, even an empty one; posix-rename takes an empty one', async () => {
    const { sftp, dir } = await target.fresh();
    for (const name of ['a', 'empty', 'full', 'full/x']) await sftp.ok(mkdir(`${dir}/${name}`));
    await putFile(sftp, `${dir}/f`, 'x');
    expect(await sftp.status(rename(`${dir}/f`, `${dir}/empty`))).toBe('FAILURE');
    expect(await sftp.status(posixRename(`${dir}/f`, `${dir}/empty`))).toBe('FAILURE');
    expect(await sftp.status(posixRename(`${dir}/a`, `${dir}/full`))).toBe('FAILURE');
    expect(await sftp.status(posixRename(`${dir}/a`, `${dir}/f`))).not.toBe('OK');
    await sftp.ok(posixRename(`${dir}/a`, `${dir}/empty`));
    expect(await exists(sftp, `${dir}/a`)).toBe(false);
  });

  itOfOurs('RENAME of a directory onto an empty one is refused', async () => {
    const { sftp, dir } = await target.fresh();
    for (const name of ['a', 'empty']) await sftp.ok(mkdir(`${dir}/${name}`));
    expect(await sftp.status(rename(`${dir}/a`, `${dir}/empty`))).toBe('FAILURE');
    expect(await exists(sftp, `${dir}/a`)).toBe(true);
  });

  it('posix-rename of a name onto itself, or onto its own hard link, loses nothing', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/a`, 'a');
    await sftp.ok(posixRename(`${dir}/a`, `${dir}/a`));
    expect(await sftp.status(rename(`${dir}/a`, `${dir}/a`))).toMatch(/^(FAILURE|OK)$/);
    expect((await getFile(sftp, `${dir}/a`)).toString()).toBe('a');
    await sftp.ok(hardlink(`${dir}/a`, `${dir}/b`));
    await sftp.ok(posixRename(`${dir}/a`, `${dir}/b`));
    expect((await getFile(sftp, `${dir}/b`)).toString()).toBe('a');
  });

  it('REALPATH resolves dots and gives one absolute name', async () => {
    const { sftp, dir } = await target.fresh();
    const real = async (path: string): Promise<string | undefined> => {
      const names = await sftp.names(realpath(path));
      expect(names).toHaveLength(1);
      return names[0]?.filename;
    };
    await sftp.ok(mkdir(`${dir}/d`));
    expect(await real(`${dir}/./d/../d`)).toBe(`${dir}/d`);
    expect(await real(`${dir}//d/`)).toBe(`${dir}/d`);
    expect(await real('/')).toBe('/');
    expect(await real('/../..')).toBe('/');
    expect(await real('.')).toBe(await real(''));
    expect(await real('.')).toMatch(/^\//);
  });

  it('READ, WRITE, FSTAT and READDIR need a handle of the right kind', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    const file = await sftp.handle(open(`${dir}/f`, FXF.READ | FXF.WRITE));
    const directory = await sftp.handle(opendir(dir));
    expect(await sftp.status(read(directory, 0, 1))).toBe('FAILURE');
    expect(await sftp.status(write(directory, 0, 'x'))).toBe('FAILURE');
    expect(await sftp.status(readdir(file))).toBe('FAILURE');
    await sftp.ok(close(directory));
    await sftp.ok(close(file));
  });
});
