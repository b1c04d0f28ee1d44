import { describe, expect, it } from '@jest/globals';

import { getFile, putFile } from '../support/raw-files.js';
import { close, fstat, open, read, stat, write } from '../support/raw-requests.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { isReference, STORAGES, useTarget } from '../support/raw-target.js';
import { FXF } from '../support/raw-wire.js';

const OLD = 'old content';
const COMBINATIONS = Array.from({ length: 64 }, (_each, flags) => ({ flags, named: name(flags) }));

interface Outcome {
  readonly open: string;
  /** What a READ of the whole file and a WRITE of `XY` at offset 2 gave, and the size after them. */
  readonly read?: string;
  readonly write?: string;
  readonly size?: bigint;
  /** Content in the end, `null` when there is no file. */
  readonly content: string | null;
}

/**
 * What POSIX `open` says of each combination (draft section 6.3 refers to it). No access flag means reading, as
 * POSIX's 0 does, and EXCL without CREAT is ignored, as Linux and OpenSSH do. TRUNC without WRITE is undefined in
 * POSIX: OpenSSH's server truncates, this one refuses and leaves the file as it is.
 */
function expected(flags: number, old: string | null): Outcome {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const undefinedInPosix = has(FXF.TRUNC) && !has(FXF.WRITE);
  if (undefinedInPosix && !isReference) return { open: 'FAILURE', content: old };
  if (old === null && !has(FXF.CREAT)) return { open: 'NO_SUCH_FILE', content: null };
  if (old !== null && has(FXF.CREAT) && has(FXF.EXCL)) return { open: 'FAILURE', content: old };
  const opened = old === null || has(FXF.TRUNC) ? '' : old;
  const readable = has(FXF.READ) || !has(FXF.WRITE);
  const content = has(FXF.WRITE) ? written(opened, has(FXF.APPEND)) : opened;
  return {
    open: 'HANDLE',
    read: !readable ? 'refused' : opened === '' ? 'EOF' : opened,
    write: has(FXF.WRITE) ? 'OK' : 'refused',
    size: BigInt(content.length),
    content,
  };
}

function written(content: string, append: boolean): string {
  if (append) return `${content}XY`;
  return `${content.padEnd(2, '\0').slice(0, 2)}XY${content.slice(4)}`;
}

async function observed(sftp: RawSftpClient, path: string, flags: number): Promise<Outcome> {
  const opened = await sftp.request(open(path, flags));
  if (opened.kind !== 'HANDLE') {
    const status = opened.kind === 'STATUS' ? opened.status : opened.kind;
    return { open: status, content: await contentOf(sftp, path) };
  }
  const { handle } = opened;
  const first = await sftp.request(read(handle, 0, 100));
  const second = await sftp.status(write(handle, 2, 'XY'));
  const { size } = await sftp.attrs(fstat(handle));
  await sftp.ok(close(handle));
  return {
    open: 'HANDLE',
    read:
      first.kind === 'DATA'
        ? first.data.toString()
        : first.kind === 'STATUS'
          ? refusal(first.status)
          : first.kind,
    write: refusal(second),
    ...(size !== undefined && { size }),
    content: await contentOf(sftp, path),
  };
}

/** Which error a handle without the permission gives is not laid down: EBADF has no code of its own. */
function refusal(status: string): string {
  return ['FAILURE', 'PERMISSION_DENIED', 'NO_SUCH_FILE'].includes(status) ? 'refused' : status;
}

async function contentOf(sftp: RawSftpClient, path: string): Promise<string | null> {
  return (await sftp.outcome(stat(path))) === 'NO_SUCH_FILE'
    ? null
    : (await getFile(sftp, path)).toString();
}

function name(flags: number): string {
  const names = Object.entries(FXF).filter(([, bit]) => (flags & bit) !== 0);
  return names.map(([text]) => text).join('+') || 'no flag';
}

describe.each(STORAGES)('open flags over %s', (storage) => {
  const target = useTarget(storage);

  it.each(COMBINATIONS)('$named of an existing file', async ({ flags }) => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, OLD);
    expect(await observed(sftp, `${dir}/f`, flags)).toEqual(expected(flags, OLD));
  });

  it.each(COMBINATIONS)('$named of a file that is not there', async ({ flags }) => {
    const { sftp, dir } = await target.fresh();
    expect(await observed(sftp, `${dir}/f`, flags)).toEqual(expected(flags, null));
  });

  it('flag bits that version 3 does not know change nothing', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, OLD);
    const odd = 0xffffffc0;
    const reading = FXF.READ | odd;
    const outcome = await observed(sftp, `${dir}/f`, reading >>> 0);
    expect(outcome).toEqual(expected(FXF.READ, OLD));
  });

  it('APPEND writes at the end whatever the offset is and whoever else has written', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'one');
    const appending = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.APPEND));
    const other = await sftp.handle(open(`${dir}/f`, FXF.WRITE));
    await sftp.ok(write(appending, 0, '-two'));
    await sftp.ok(write(other, 7, '-other'));
    await sftp.ok(write(appending, 1_000_000, '-three'));
    await sftp.ok(close(appending));
    await sftp.ok(close(other));
    expect((await getFile(sftp, `${dir}/f`)).toString()).toBe('one-two-other-three');
  });

  it('a handle that was opened without TRUNC and closed leaves the file as it was', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, OLD);
    await sftp.ok(close(await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT))));
    expect((await getFile(sftp, `${dir}/f`)).toString()).toBe(OLD);
  });
});
