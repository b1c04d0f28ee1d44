import { describe, expect, it } from '@jest/globals';

import { listAll, putFile } from '../support/raw-files.js';
import {
  close,
  copyData,
  copyFile,
  expandPath,
  fsetstat,
  fstat,
  fstatvfs,
  fsync,
  hardlink,
  lsetstat,
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
  request,
  rmdir,
  setstat,
  stat,
  statvfs,
  symlink,
  write,
  type RawRequest,
} from '../support/raw-requests.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { ByteWriter, FXF } from '../support/raw-wire.js';

type ByHandle = (handle: Buffer) => RawRequest;
type ByPath = (path: Buffer) => RawRequest;

const OF_ANY_HANDLE: Readonly<Record<string, ByHandle>> = {
  CLOSE: close,
  READ: (handle) => read(handle, 0, 10),
  WRITE: (handle) => write(handle, 0, 'data'),
  FSTAT: fstat,
  FSETSTAT: (handle) => fsetstat(handle, { permissions: 0o600 }),
  READDIR: readdir,
  fsync,
  fstatvfs,
  'copy-data': (handle) => copyData(handle, 0, 0, handle, 0),
};

const BAD_HANDLES: Readonly<Record<string, Buffer>> = {
  unknown: Buffer.from([0xff, 0xff, 0xff, 0xff]),
  empty: Buffer.alloc(0),
  'one byte': Buffer.of(0),
  'over-long': Buffer.alloc(10_000, 0x41),
  'not UTF-8': Buffer.from([0xc0, 0x80, 0xfe, 0xff]),
};

/** Every request that names a path; `dir` is where it would do harm. */
function byPath(dir: string): Readonly<Record<string, ByPath>> {
  const good = `${dir}/good`;
  return {
    OPEN: (path) => open(path, FXF.READ | FXF.WRITE | FXF.CREAT),
    LSTAT: lstat,
    STAT: stat,
    SETSTAT: (path) => setstat(path, { permissions: 0o600 }),
    OPENDIR: opendir,
    REMOVE: remove,
    MKDIR: (path) => mkdir(path),
    RMDIR: rmdir,
    REALPATH: realpath,
    READLINK: readlink,
    'RENAME from': (path) => rename(path, `${dir}/new`),
    'RENAME to': (path) => rename(good, path),
    'SYMLINK link': (path) => symlink('good', path),
    'SYMLINK target': (path) => symlink(path, `${dir}/new`),
    'posix-rename from': (path) => posixRename(path, `${dir}/new`),
    'posix-rename to': (path) => posixRename(good, path),
    'hardlink from': (path) => hardlink(path, `${dir}/new`),
    'hardlink to': (path) => hardlink(good, path),
    'copy-file from': (path) => copyFile(path, `${dir}/new`, true),
    'copy-file to': (path) => copyFile(good, path, true),
    statvfs,
    lsetstat: (path) => lsetstat(path, { atime: 1, mtime: 1 }),
    'expand-path': expandPath,
  };
}

const ERROR = /^(NO_SUCH_FILE|PERMISSION_DENIED|FAILURE|BAD_MESSAGE|OP_UNSUPPORTED)$/;

describe.each(STORAGES)('handles that are none over %s', (storage) => {
  const target = useTarget(storage);
  // OpenSSH says BAD_MESSAGE to an FSTAT of no handle and the like
  const refused = storage === 'openssh' ? expect.not.stringMatching('OK') : 'FAILURE';

  it.each(Object.entries(OF_ANY_HANDLE))('%s on a handle that never was', async (_name, make) => {
    const { sftp } = await target.fresh();
    for (const [kind, handle] of Object.entries(BAD_HANDLES)) {
      expect({ kind, status: await sftp.status(make(handle)) }).toEqual({ kind, status: refused });
    }
    await sftp.alive();
  });

  it.each(Object.entries(OF_ANY_HANDLE))('%s on a handle that was closed', async (_name, make) => {
    const { sftp, dir } = await target.fresh();
    const file = await sftp.handle(open(`${dir}/f`, FXF.READ | FXF.WRITE | FXF.CREAT));
    const directory = await sftp.handle(opendir(dir));
    await sftp.ok(close(file));
    await sftp.ok(close(directory));
    expect(await sftp.status(make(file))).toEqual(refused);
    expect(await sftp.status(make(directory))).toEqual(refused);
    await sftp.alive();
  });

  it('a closed handle is not mistaken for one that was opened after it', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'keep');
    const kept = await sftp.handle(open(`${dir}/f`, FXF.READ));
    const other = await sftp.handle(open(`${dir}/f`, FXF.READ));
    expect(kept.equals(other)).toBe(false);
    await sftp.ok(close(other));
    expect((await sftp.data(read(kept, 0, 9))).toString()).toBe('keep');
  });

  it('a double CLOSE that is pipelined closes once', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    const [first, second] = await sftp.pipeline([close(handle), close(handle)]);
    expect(first).toMatchObject({ kind: 'STATUS', status: 'OK' });
    expect(second).toMatchObject({ kind: 'STATUS', status: refused });
  });

  itOfOurs('what is pipelined behind a CLOSE is refused, what is before it is done', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ | FXF.WRITE | FXF.CREAT));
    const statuses = await sftp.pipeline([
      write(handle, 0, 'before'),
      close(handle),
      write(handle, 0, 'behind'),
      fstat(handle),
    ]);
    expect(statuses.map((each) => (each.kind === 'STATUS' ? each.status : each.kind))).toEqual([
      'OK',
      'OK',
      'FAILURE',
      'FAILURE',
    ]);
    expect((await sftp.attrs(stat(`${dir}/f`))).size).toBe(6n);
  });
});

describe.each(STORAGES)('paths that are none over %s', (storage) => {
  const target = useTarget(storage);

  async function refuseEverywhere(bad: (dir: string) => Buffer): Promise<void> {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/good`, 'unharmed');
    for (const [name, make] of Object.entries(byPath(dir))) {
      const outcome = await sftp.outcome(make(bad(dir)));
      expect({ name, outcome }).toEqual({ name, outcome: expect.stringMatching(ERROR) });
    }
    const left = await listAll(sftp, dir);
    expect(left.map(({ filename }) => filename).sort()).toEqual(['.', '..', 'good']);
    expect((await sftp.attrs(stat(`${dir}/good`))).size).toBe(8n);
  }

  itOfOurs.each([
    ['a lone byte', [0xff]],
    ['an over-long slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('not UTF-8 (%s) is refused by every request', async (_name, bytes) => {
    await refuseEverywhere((dir) => Buffer.concat([Buffer.from(`${dir}/x`), Buffer.from(bytes)]));
  });

  itOfOurs.each(['\0', 'x\0', 'good\0', '\0good'])(
    'a NUL (%j) is refused by every request',
    async (name) => {
      await refuseEverywhere((dir) => Buffer.from(`${dir}/${name}`));
    },
  );

  itOfOurs('a path above 4096 bytes is refused by every request that looks for it', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/good`, 'unharmed');
    for (const [name, make] of Object.entries(byPath(dir))) {
      const long = Buffer.from(`${dir}/${'d/'.repeat(2500)}f`);
      const outcome = await sftp.outcome(make(long));
      expect({ name, outcome }).toEqual({ name, outcome: expect.stringMatching(ERROR) });
    }
    expect(await listAll(sftp, dir)).toHaveLength(3);
  });

  it.each([256, 5000, 100_000])('a name of %i bytes is refused', async (length) => {
    const { sftp, dir } = await target.fresh();
    const long = `${dir}/${'n'.repeat(length)}`;
    for (const make of [
      open(long, FXF.WRITE | FXF.CREAT),
      mkdir(long),
      stat(long),
      symlink('x', long),
    ]) {
      expect(await sftp.outcome(make)).toMatch(ERROR);
    }
    expect(await listAll(sftp, dir)).toHaveLength(2);
  });

  it('a name of 255 bytes is taken', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/${'n'.repeat(255)}`));
    await sftp.ok(mkdir(`${dir}/${'ü'.repeat(127)}`));
    expect(await listAll(sftp, dir)).toHaveLength(4);
  });

  itOfOurs('the empty path is the home directory', async () => {
    const { sftp } = await target.fresh();
    const home = (await sftp.attrs(stat('.'))).permissions;
    expect((await sftp.attrs(stat(''))).permissions).toBe(home);
    expect((await sftp.attrs(lstat(''))).permissions).toBe(home);
    await sftp.ok(close(await sftp.handle(opendir(''))));
    for (const request of [mkdir(''), remove(''), rmdir(''), open('', FXF.WRITE | FXF.CREAT)]) {
      expect(await sftp.outcome(request)).toMatch(ERROR);
    }
    await sftp.alive();
  });

  it('the root cannot be removed, renamed or replaced', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`));
    for (const request of [
      rmdir('/'),
      remove('/'),
      rename('/', `${dir}/root`),
      posixRename('/', `${dir}/root`),
      posixRename(`${dir}/d`, '/'),
      mkdir('/'),
    ]) {
      expect(await sftp.outcome(request)).toMatch(ERROR);
    }
    await sftp.ok(rmdir(`${dir}/d`));
  });

  it('dots lead nowhere outside: `..` above the root is the root', async () => {
    const { sftp } = await target.fresh();
    const root = await sftp.attrs(stat('/'));
    for (const path of ['/..', '/../..', '/../../../.']) {
      expect((await sftp.attrs(stat(path))).permissions).toBe(root.permissions);
    }
  });
});

describe.each(STORAGES)('requests that are none over %s', (storage) => {
  const target = useTarget(storage);

  // 1 is INIT, 200 is EXTENDED; OpenSSH leaves such a request without an answer
  itOfOurs.each([0, 2, 21, 50, 99, 100, 101, 102, 103, 104, 105, 199, 201, 202, 255])(
    'packet type %i is OP_UNSUPPORTED and the channel goes on',
    async (type) => {
      const { sftp } = await target.fresh();
      expect(await sftp.outcome(request(type))).toBe('OP_UNSUPPORTED');
      const body = new ByteWriter().string('/some/path').u32(7).bytes(Buffer.alloc(1000, 0xff));
      expect(await sftp.outcome(request(type, body))).toBe('OP_UNSUPPORTED');
      await sftp.alive();
    },
  );

  it('bytes behind the last field change nothing', async () => {
    const { sftp, dir } = await target.fresh();
    const { type, body } = stat(dir);
    const longer = request(type, Buffer.concat([body, Buffer.alloc(300, 0x7f)]));
    expect(await sftp.outcome(longer)).toBe('ATTRS');
  });

  it('every 32-bit id is echoed as it came', async () => {
    const channel = await target.channel();
    for (const id of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const reply = await channel.request(realpath('.'), id);
      expect(reply).toMatchObject({ id, kind: 'NAME' });
    }
  });
});
