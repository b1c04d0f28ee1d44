import { describe, expect, it } from '@jest/globals';

import { getFile, putFile } from '../support/raw-files.js';
import {
  close,
  expandPath,
  extended,
  fstatvfs,
  fsync,
  hardlink,
  homeDirectory,
  limits,
  lstat,
  mkdir,
  open,
  opendir,
  realpath,
  remove,
  stat,
  statvfs,
  symlink,
  usersGroupsById,
  write,
  type RawRequest,
} from '../support/raw-requests.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { ByteReader, FXF } from '../support/raw-wire.js';

const VFS_FIELDS = [
  'bsize',
  'frsize',
  'blocks',
  'bfree',
  'bavail',
  'files',
  'ffree',
  'favail',
  'fsid',
  'flag',
  'namemax',
] as const;

type Vfs = Record<(typeof VFS_FIELDS)[number], bigint>;

async function vfs(sftp: RawSftpClient, request: RawRequest): Promise<Vfs> {
  const reader = await sftp.extended(request);
  const fields = Object.fromEntries(VFS_FIELDS.map((field) => [field, reader.u64()])) as Vfs;
  reader.finish('statvfs');
  return fields;
}

async function oneName(sftp: RawSftpClient, request: RawRequest): Promise<string> {
  const names = await sftp.names(request);
  expect(names).toHaveLength(1);
  return names[0]?.filename ?? '';
}

function strings(packed: Buffer): string[] {
  const reader = new ByteReader(packed);
  const texts: string[] = [];
  while (reader.remaining > 0) texts.push(reader.text());
  return texts;
}

describe.each(STORAGES)('extensions over %s', (storage) => {
  const target = useTarget(storage);

  it('statvfs and fstatvfs tell the file system, with the same unit and size', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'x');
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ));
    const byPath = await vfs(sftp, statvfs(`${dir}/f`));
    const byHandle = await vfs(sftp, fstatvfs(handle));
    for (const each of [byPath, byHandle]) {
      expect(each.bsize).toBeGreaterThan(0n);
      expect(each.frsize).toBeGreaterThan(0n);
      expect(each.bfree).toBeLessThanOrEqual(each.blocks);
      expect(each.bavail).toBeLessThanOrEqual(each.bfree);
      expect(each.ffree).toBeLessThanOrEqual(each.files);
      expect(each.favail).toBeLessThanOrEqual(each.ffree);
      expect(each.flag & 1n).toBe(0n);
      expect(each.namemax).toBe(255n);
    }
    expect(byHandle.frsize).toBe(byPath.frsize);
    // a storage in memory is as large as what is free at the moment
    const difference = Number(byHandle.blocks - byPath.blocks) / Number(byPath.blocks);
    expect(Math.abs(difference)).toBeLessThan(0.1);
    expect(await sftp.outcome(statvfs(`${dir}/none`))).toBe('NO_SUCH_FILE');
  });

  it('hardlink gives a file a second name', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/a`, 'first');
    await sftp.ok(mkdir(`${dir}/d`));
    await sftp.ok(hardlink(`${dir}/a`, `${dir}/b`));
    await putFile(sftp, `${dir}/b`, 'second');
    expect((await getFile(sftp, `${dir}/a`)).toString()).toBe('second');
    expect(await sftp.status(hardlink(`${dir}/a`, `${dir}/b`))).toBe('FAILURE');
    expect(await sftp.status(hardlink(`${dir}/none`, `${dir}/c`))).toBe('NO_SUCH_FILE');
    expect(await sftp.status(hardlink(`${dir}/a`, `${dir}/none/c`))).toBe('NO_SUCH_FILE');
    expect(await sftp.status(hardlink(`${dir}/d`, `${dir}/c`))).toMatch(
      /FAILURE|PERMISSION_DENIED/,
    );
    await sftp.ok(remove(`${dir}/a`));
    expect((await getFile(sftp, `${dir}/b`)).toString()).toBe('second');
  });

  it('fsync answers OK on a file handle and refuses the rest', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    await sftp.ok(write(handle, 0, 'x'));
    await sftp.ok(fsync(handle));
    await sftp.ok(close(handle));
    expect(await sftp.status(fsync(handle))).toMatch(/^(FAILURE|NO_SUCH_FILE)$/);
    expect(await sftp.status(fsync(await sftp.handle(opendir(dir))))).not.toBe('OK');
  });

  it('limits offers 261120-byte reads and writes in packets of 262144', async () => {
    const { sftp } = await target.fresh();
    const reader = await sftp.extended(limits());
    expect(reader.u64()).toBe(262_144n);
    expect(reader.u64()).toBe(261_120n);
    expect(reader.u64()).toBe(261_120n);
    const handles = reader.u64();
    reader.finish('limits');
    expect(handles === 0n || handles >= 16n).toBe(true);
  });

  it('as many handles as limits offers can be open, and one more is refused cleanly', async () => {
    const { sftp, dir } = await target.fresh();
    const reader = await sftp.extended(limits());
    reader.bytes(24);
    const most = Number(reader.u64());
    // a number in the tens of thousands is the process's own; trying it out proves nothing more
    const tried = Math.min(most === 0 ? 100 : most, 1024);
    await putFile(sftp, `${dir}/f`, 'x');
    const opens = Array.from({ length: tried }, () => open(`${dir}/f`, FXF.READ));
    const replies = await sftp.pipeline(opens);
    expect(new Set(replies.map(({ kind }) => kind))).toEqual(new Set(['HANDLE']));
    if (tried === most) expect(await sftp.outcome(open(`${dir}/f`, FXF.READ))).toBe('FAILURE');
    for (const reply of replies) if (reply.kind === 'HANDLE') sftp.post(close(reply.handle));
    await sftp.ok(close(await sftp.handle(open(`${dir}/f`, FXF.READ))));
  });

  it('expand-path knows the home of the user, and relative paths start there', async () => {
    const { sftp } = await target.fresh();
    const home = await oneName(sftp, expandPath('~'));
    expect(home).toMatch(/^\//);
    const below = home === '/' ? '' : home;
    expect(await oneName(sftp, expandPath('~/x'))).toBe(`${below}/x`);
    const start = await oneName(sftp, realpath('.'));
    expect(await oneName(sftp, expandPath('x'))).toBe(`${start === '/' ? '' : start}/x`);
    expect(await oneName(sftp, expandPath('/abs'))).toBe('/abs');
    expect(await sftp.outcome(expandPath('~no-such-user'))).toMatch(/^(FAILURE|NO_SUCH_FILE)$/);
    expect(await sftp.outcome(expandPath('~no-such-user/x'))).toMatch(/^(FAILURE|NO_SUCH_FILE)$/);
  });

  itOfOurs('home-directory and ~user are where ~ leads, for the own user only', async () => {
    const { sftp } = await target.fresh();
    const home = await oneName(sftp, expandPath('~'));
    const below = home === '/' ? '' : home;
    expect(await oneName(sftp, expandPath('~dev'))).toBe(home);
    expect(await oneName(sftp, expandPath('~dev/x'))).toBe(`${below}/x`);
    expect(await oneName(sftp, homeDirectory('dev'))).toBe(home);
    expect(await oneName(sftp, homeDirectory(''))).toBe(home);
    expect(await sftp.outcome(homeDirectory('no-such-user'))).toMatch(/^(FAILURE|NO_SUCH_FILE)$/);
  });

  it('users-groups-by-id gives one name for each id, empty where there is none', async () => {
    const { sftp } = await target.fresh();
    const reader = await sftp.extended(usersGroupsById([0, 4_000_000_000, 0], [4_000_000_000, 0]));
    const users = strings(reader.raw());
    const groups = strings(reader.raw());
    reader.finish('users-groups-by-id');
    expect(users).toHaveLength(3);
    expect(groups).toHaveLength(2);
    expect(users[1]).toBe('');
    expect(groups[0]).toBe('');
    expect(users[0]).toBe(users[2]);
    const none = await sftp.extended(usersGroupsById([], []));
    expect([none.raw().length, none.raw().length, none.remaining]).toEqual([0, 0, 0]);
  });

  itOfOurs('users-groups-by-id refuses a list that is not made of whole ids', async () => {
    const { sftp } = await target.fresh();
    const odd = extended('users-groups-by-id@openssh.com', (b) =>
      b.string(Buffer.from([0, 0, 0, 0, 1])).string(''),
    );
    expect(await sftp.outcome(odd)).toMatch(/^(BAD_MESSAGE|FAILURE)$/);
    await sftp.alive();
  });

  it('an unknown extension is OP_UNSUPPORTED and the channel goes on', async () => {
    const { sftp } = await target.fresh();
    for (const name of ['md5-hash', 'nobody@example.com', '', 'constructor', '__proto__']) {
      expect(await sftp.outcome(extended(name, (b) => b.string('x')))).toBe('OP_UNSUPPORTED');
    }
    await sftp.alive();
  });

  it('a symbolic link leads relatively and absolutely, through directories and in a chain', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(mkdir(`${dir}/d`));
    await putFile(sftp, `${dir}/d/f`, 'found');
    await sftp.ok(symlink('d', `${dir}/rel`));
    await sftp.ok(symlink(`${dir}/d`, `${dir}/abs`));
    await sftp.ok(symlink('../rel/f', `${dir}/d/chain`));
    for (const path of ['rel/f', 'abs/f', 'd/chain', 'rel/../rel/f']) {
      expect((await getFile(sftp, `${dir}/${path}`)).toString()).toBe('found');
    }
    await putFile(sftp, `${dir}/abs/new`, 'through');
    expect((await getFile(sftp, `${dir}/d/new`)).toString()).toBe('through');
    await sftp.ok(symlink('loop', `${dir}/loop`));
    expect(await sftp.outcome(stat(`${dir}/loop`))).toMatch(/^(FAILURE|NO_SUCH_FILE)$/);
    expect(await sftp.outcome(open(`${dir}/loop`, FXF.READ))).toMatch(/^(FAILURE|NO_SUCH_FILE)$/);
    expect(await sftp.outcome(lstat(`${dir}/loop`))).toBe('ATTRS');
  });

  it('CREAT follows a dangling link, and with EXCL refuses it', async () => {
    const { sftp, dir } = await target.fresh();
    await sftp.ok(symlink('target', `${dir}/l`));
    const flags = FXF.WRITE | FXF.CREAT;
    expect(await sftp.outcome(open(`${dir}/l`, flags | FXF.EXCL))).toBe('FAILURE');
    expect(await sftp.outcome(stat(`${dir}/target`))).toBe('NO_SUCH_FILE');
    const handle = await sftp.handle(open(`${dir}/l`, flags));
    await sftp.ok(write(handle, 0, 'made'));
    await sftp.ok(close(handle));
    expect((await getFile(sftp, `${dir}/target`)).toString()).toBe('made');
  });
});
