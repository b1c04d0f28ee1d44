import { randomBytes } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { exists, getFile, putFile } from '../support/raw-files.js';
import {
  close,
  copyData,
  copyFile,
  fstat,
  mkdir,
  open,
  opendir,
  read,
  setstat,
  stat,
  write,
} from '../support/raw-requests.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

const BOTH = FXF.READ | FXF.WRITE | FXF.CREAT;

describe.each(STORAGES)('copies on the server over %s', (storage) => {
  const target = useTarget(storage);

  interface Pair {
    readonly sftp: RawSftpClient;
    readonly dir: string;
    readonly from: Buffer;
    readonly to: Buffer;
  }

  async function pair(source: string | Buffer, old: string | Buffer = ''): Promise<Pair> {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/from`, source);
    await putFile(sftp, `${dir}/to`, old);
    const from = await sftp.handle(open(`${dir}/from`, FXF.READ));
    const to = await sftp.handle(open(`${dir}/to`, BOTH));
    return { sftp, dir, from, to };
  }

  it('copy-data copies to the end of the file with length 0', async () => {
    const content = randomBytes(1_000_000);
    const { sftp, dir, from, to } = await pair(content);
    await sftp.ok(copyData(from, 0, 0, to, 0));
    await sftp.ok(close(to));
    expect((await getFile(sftp, `${dir}/to`)).equals(content)).toBe(true);
  });

  it('copy-data copies a range to another offset and leaves what is around it', async () => {
    const { sftp, dir, from, to } = await pair('0123456789', 'abcdefghij');
    await sftp.ok(copyData(from, 2, 3, to, 5));
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe('abcde234ij');
    await sftp.ok(copyData(from, 7, 0, to, 12));
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe(`abcde234ij${'\0'.repeat(2)}789`);
    expect((await getFile(sftp, `${dir}/from`)).toString()).toBe('0123456789');
  });

  it('copy-data answers EOF when the source ends inside the range, and OK for nothing', async () => {
    const { sftp, dir, from, to } = await pair('0123456789');
    expect(await sftp.status(copyData(from, 6, 1_000_000, to, 0))).toBe('EOF');
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe('6789');
    await sftp.ok(copyData(from, 10, 0, to, 50));
    expect((await sftp.attrs(fstat(to))).size).toBe(4n);
  });

  it('copy-data takes its turn between pipelined writes and reads', async () => {
    const { sftp, dir } = await target.fresh();
    const from = await sftp.handle(open(`${dir}/from`, BOTH));
    const to = await sftp.handle(open(`${dir}/to`, BOTH));
    const replies = await sftp.pipeline([
      write(from, 0, 'before'),
      copyData(from, 0, 0, to, 0),
      write(from, 0, 'AFTER!'),
      read(to, 0, 100),
      close(to),
      close(from),
    ]);
    const got = replies[3];
    expect(got?.kind === 'DATA' && got.data.toString()).toBe('before');
    expect((await getFile(sftp, `${dir}/from`)).toString()).toBe('AFTER!');
  });

  it('copy-data refuses overlapping ranges of one file and always comes to an end', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, '0123456789');
    const handle = await sftp.handle(open(`${dir}/f`, BOTH));
    const again = await sftp.handle(open(`${dir}/f`, BOTH));
    for (const to of [handle, again]) {
      expect(await sftp.status(copyData(handle, 0, 5, to, 3))).toBe('FAILURE');
      expect(await sftp.status(copyData(handle, 0, 0, to, 0))).toBe('FAILURE');
      expect(await sftp.status(copyData(handle, 0, 0, to, 9))).toBe('FAILURE');
    }
    expect((await getFile(sftp, `${dir}/f`)).toString()).toBe('0123456789');
    const status = await sftp.status(copyData(handle, 0, 0, handle, 10));
    const doubled = status === 'OK' ? '01234567890123456789' : '0123456789';
    expect((await getFile(sftp, `${dir}/f`)).toString()).toBe(doubled);
  });

  it('copy-data refuses handles that are unknown, closed, of a directory or of the wrong mode', async () => {
    const { sftp, dir, from, to } = await pair('source', 'target');
    const directory = await sftp.handle(opendir(dir));
    const nobody = Buffer.from('nobody');
    const closed = await sftp.handle(open(`${dir}/to`, BOTH));
    await sftp.ok(close(closed));
    for (const bad of [nobody, closed, directory, Buffer.alloc(0)]) {
      expect(await sftp.status(copyData(bad, 0, 0, to, 0))).not.toBe('OK');
      expect(await sftp.status(copyData(from, 0, 0, bad, 0))).not.toBe('OK');
    }
    expect(await sftp.status(copyData(to, 0, 0, from, 0))).not.toBe('OK');
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe('target');
    expect((await getFile(sftp, `${dir}/from`)).toString()).toBe('source');
  });

  it('copy-data refuses offsets that no file has and goes on', async () => {
    const { sftp, dir, from, to } = await pair('source', 'target');
    for (const offset of [2n ** 63n, 2n ** 64n - 1n]) {
      expect(await sftp.status(copyData(from, 0, 1, to, offset))).not.toBe('OK');
    }
    await sftp.alive();
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe('target');
  });

  itOfOurs('copy-file copies content and permission bits', async () => {
    const content = randomBytes(400_000);
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/from`, content);
    await sftp.ok(setstat(`${dir}/from`, { permissions: 0o640 }));
    await sftp.ok(copyFile(`${dir}/from`, `${dir}/to`, false));
    expect((await getFile(sftp, `${dir}/to`)).equals(content)).toBe(true);
    expect((await sftp.attrs(stat(`${dir}/to`))).permissions).toBe(0o100640);
    await putFile(sftp, `${dir}/to`, 'independent');
    expect((await getFile(sftp, `${dir}/from`)).equals(content)).toBe(true);
  });

  itOfOurs('copy-file replaces an existing file only when it is told to', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/from`, 'new');
    await putFile(sftp, `${dir}/to`, 'old and longer');
    expect(await sftp.status(copyFile(`${dir}/from`, `${dir}/to`, false))).toBe('FAILURE');
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe('old and longer');
    await sftp.ok(copyFile(`${dir}/from`, `${dir}/to`, true));
    expect((await getFile(sftp, `${dir}/to`)).toString()).toBe('new');
  });

  itOfOurs(
    'copy-file refuses directories, what is not there, and never harms its source',
    async () => {
      const { sftp, dir } = await target.fresh();
      await putFile(sftp, `${dir}/from`, 'content');
      await sftp.ok(mkdir(`${dir}/d`));
      expect(await sftp.status(copyFile(`${dir}/none`, `${dir}/to`, true))).toBe('NO_SUCH_FILE');
      expect(await exists(sftp, `${dir}/to`)).toBe(false);
      expect(await sftp.status(copyFile(`${dir}/from`, `${dir}/none/to`, true))).toBe(
        'NO_SUCH_FILE',
      );
      expect(await sftp.status(copyFile(`${dir}/d`, `${dir}/to`, true))).toBe('FAILURE');
      expect(await sftp.status(copyFile(`${dir}/from`, `${dir}/d`, true))).toBe('FAILURE');
      // onto itself: either answer is right as long as nothing is lost
      expect(await sftp.status(copyFile(`${dir}/from`, `${dir}/from`, true))).toMatch(/OK|FAILURE/);
      expect((await getFile(sftp, `${dir}/from`)).toString()).toBe('content');
    },
  );
});
