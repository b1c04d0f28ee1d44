import { describe, expect, it } from '@jest/globals';

import { exists, getFile, putFile } from '../support/raw-files.js';
import {
  close,
  fsetstat,
  fstat,
  mkdir,
  open,
  opendir,
  read,
  readdir,
  remove,
  rename,
  rmdir,
  setstat,
  stat,
  symlink,
  write,
  type RawRequest,
} from '../support/raw-requests.js';
import { outcomeOf, type RawSftpClient } from '../support/raw-sftp-client.js';
import { STORAGES, useTarget } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

const CREATE = FXF.READ | FXF.WRITE | FXF.CREAT | FXF.TRUNC;

async function outcomes(sftp: RawSftpClient, requests: readonly RawRequest[]): Promise<string[]> {
  return (await sftp.pipeline(requests)).map(outcomeOf);
}

describe.each(STORAGES)('the order of pipelined requests over %s', (storage) => {
  const target = useTarget(storage);

  it('200 WRITEs, CLOSE and STAT without waiting: the size is that of all writes', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, CREATE));
    const piece = 4000;
    const writes = Array.from({ length: 200 }, (_each, n) =>
      write(handle, n * piece, Buffer.alloc(piece, n)),
    );
    const replies = await sftp.pipeline([...writes, close(handle), stat(`${dir}/f`)]);
    const told = replies[201];
    expect(told?.kind === 'ATTRS' && told.attrs.size).toBe(BigInt(200 * piece));
    expect(replies.slice(0, 201).map(outcomeOf)).toEqual(Array<string>(201).fill('OK'));
    const content = await getFile(sftp, `${dir}/f`);
    for (let n = 0; n < 200; n++) {
      const part = content.subarray(n * piece, (n + 1) * piece);
      expect(part.equals(Buffer.alloc(piece, n))).toBe(true);
    }
  });

  it('overlapping pipelined WRITEs take effect in their order', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, CREATE));
    const writes = Array.from({ length: 100 }, (_each, n) =>
      write(handle, n, Buffer.alloc(200 - n, n)),
    );
    await sftp.pipeline([...writes, close(handle)]);
    const content = await getFile(sftp, `${dir}/f`);
    expect([...content.subarray(0, 100)]).toEqual(Array.from({ length: 100 }, (_each, n) => n));
    expect(content.length).toBe(200);
  });

  it('64 READs at once give each its own bytes', async () => {
    const { sftp, dir } = await target.fresh();
    const content = Buffer.from(Array.from({ length: 64 * 10_007 }, (_each, n) => (n * 31) % 251));
    await putFile(sftp, `${dir}/f`, content);
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ));
    const reads = Array.from({ length: 64 }, (_each, n) => read(handle, n * 10_007, 10_007));
    const replies = await sftp.pipeline([...reads, close(handle)]);
    replies.slice(0, 64).forEach((reply, n) => {
      const part = content.subarray(n * 10_007, (n + 1) * 10_007);
      expect(reply.kind === 'DATA' && reply.data.equals(part)).toBe(true);
    });
  });

  it('FSETSTAT of a size stands between the WRITEs around it', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, CREATE));
    const replies = await sftp.pipeline([
      write(handle, 0, 'aaaaaaaaaa'),
      fsetstat(handle, { size: 3n }),
      write(handle, 5, 'bb'),
      fstat(handle),
      read(handle, 0, 100),
      fsetstat(handle, { size: 1n }),
      fstat(handle),
    ]);
    const sizes = replies.flatMap((reply) => (reply.kind === 'ATTRS' ? [reply.attrs.size] : []));
    expect(sizes).toEqual([7n, 1n]);
    const got = replies[4];
    expect(got?.kind === 'DATA' && got.data.toString()).toBe('aaa\0\0bb');
  });

  it('a tree is built and taken down without waiting for a single reply', async () => {
    const { sftp, dir } = await target.fresh();
    const built = await outcomes(sftp, [
      mkdir(`${dir}/a`),
      mkdir(`${dir}/a/b`),
      open(`${dir}/a/b/f`, CREATE),
      stat(`${dir}/a/b/f`),
      symlink('b/f', `${dir}/a/l`),
      stat(`${dir}/a/l`),
      opendir(`${dir}/a/b`),
      setstat(`${dir}/a/b/f`, { permissions: 0o600 }),
    ]);
    expect(built).toEqual(['OK', 'OK', 'HANDLE', 'ATTRS', 'OK', 'ATTRS', 'HANDLE', 'OK']);
    const gone = await outcomes(sftp, [
      remove(`${dir}/a/l`),
      remove(`${dir}/a/b/f`),
      rmdir(`${dir}/a/b`),
      rmdir(`${dir}/a`),
      stat(`${dir}/a`),
      mkdir(`${dir}/a`),
      stat(`${dir}/a`),
    ]);
    expect(gone).toEqual(['OK', 'OK', 'OK', 'OK', 'NO_SUCH_FILE', 'OK', 'ATTRS']);
  });

  it('RENAME behind a CLOSE moves the whole content', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/final`, 'old');
    const handle = await sftp.handle(open(`${dir}/final.filepart`, CREATE));
    const writes = Array.from({ length: 50 }, (_each, n) =>
      write(handle, n * 32_768, Buffer.alloc(32_768, n)),
    );
    const done = await outcomes(sftp, [
      ...writes,
      fsetstat(handle, { atime: 1e9, mtime: 1e9 }),
      close(handle),
      remove(`${dir}/final`),
      rename(`${dir}/final.filepart`, `${dir}/final`),
      stat(`${dir}/final`),
      stat(`${dir}/final.filepart`),
    ]);
    expect(done.slice(51)).toEqual(['OK', 'OK', 'OK', 'ATTRS', 'NO_SUCH_FILE']);
    expect(await sftp.attrs(stat(`${dir}/final`))).toMatchObject({
      size: BigInt(50 * 32_768),
      mtime: 1e9,
    });
  });

  it('RENAME of a directory stands between what is done below its old and its new name', async () => {
    const { sftp, dir } = await target.fresh();
    expect(
      await outcomes(sftp, [
        mkdir(`${dir}/old`),
        open(`${dir}/old/f`, CREATE),
        rename(`${dir}/old`, `${dir}/new`),
        stat(`${dir}/new/f`),
        stat(`${dir}/old/f`),
        mkdir(`${dir}/old`),
        open(`${dir}/old/g`, CREATE),
        stat(`${dir}/new/g`),
      ]),
    ).toEqual(['OK', 'HANDLE', 'OK', 'ATTRS', 'NO_SUCH_FILE', 'OK', 'HANDLE', 'NO_SUCH_FILE']);
  });

  it('a listing sees what was made before its OPENDIR', async () => {
    const { sftp, dir } = await target.fresh();
    const replies = await sftp.pipeline([
      ...Array.from({ length: 20 }, (_each, n) => mkdir(`${dir}/${n}`)),
      opendir(dir),
    ]);
    const opened = replies[20];
    if (opened?.kind !== 'HANDLE') throw new Error('OPENDIR failed');
    const listed = await sftp.names(readdir(opened.handle));
    expect(listed).toHaveLength(22);
  });

  it('a file that is open survives REMOVE and RENAME for its handle', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, CREATE));
    expect(
      await outcomes(sftp, [
        write(handle, 0, 'kept'),
        rename(`${dir}/f`, `${dir}/g`),
        write(handle, 4, ' on'),
      ]),
    ).toEqual(['OK', 'OK', 'OK']);
    expect((await getFile(sftp, `${dir}/g`)).toString()).toBe('kept on');
    await sftp.ok(remove(`${dir}/g`));
    expect((await sftp.data(read(handle, 0, 100))).toString()).toBe('kept on');
    await sftp.ok(close(handle));
    expect(await exists(sftp, `${dir}/g`)).toBe(false);
  });

  it('hundreds of requests on many files at once are each answered once', async () => {
    const { sftp, dir } = await target.fresh();
    const names = Array.from({ length: 60 }, (_each, n) => `${dir}/${n}`);
    const opened = await sftp.pipeline(names.map((name) => open(name, CREATE)));
    const handles = opened.map((reply) => {
      if (reply.kind !== 'HANDLE') throw new Error(`OPEN answered ${outcomeOf(reply)}`);
      return reply.handle;
    });
    const before = sftp.arrivals.length;
    const done = await outcomes(sftp, [
      ...handles.map((handle, n) => write(handle, 0, Buffer.alloc(9000, n))),
      ...handles.map((handle) => write(handle, 9000, 'end')),
      ...handles.map(close),
      ...names.map(stat),
    ]);
    expect(done).toEqual([...Array<string>(180).fill('OK'), ...Array<string>(60).fill('ATTRS')]);
    expect(sftp.arrivals.length - before).toBe(240);
    for (const [n, name] of names.entries()) {
      const content = await getFile(sftp, name);
      expect(content.equals(Buffer.concat([Buffer.alloc(9000, n), Buffer.from('end')]))).toBe(true);
    }
  });
});
