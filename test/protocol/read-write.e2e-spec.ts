import { createHash, randomBytes } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { getFile, putFile, readAll } from '../support/raw-files.js';
import {
  close,
  fsetstat,
  fstat,
  open,
  read,
  request,
  setstat,
  stat,
  write,
  type RawRequest,
} from '../support/raw-requests.js';
import { outcomeOf } from '../support/raw-sftp-client.js';
import { itOfOurs, STORAGES, useTarget } from '../support/raw-target.js';
import { ByteWriter, FXF, FXP } from '../support/raw-wire.js';

const NEW = FXF.READ | FXF.WRITE | FXF.CREAT | FXF.TRUNC;
/** What limits@openssh.com offers; both servers have the same numbers. */
const MAX_READ = 261_120;
const MAX_PACKET = 262_144;

describe.each(STORAGES)('reads and writes over %s', (storage) => {
  const target = useTarget(storage);

  it('takes writes out of order, overlapping and with gaps that read as zeros', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    const model = Buffer.alloc(200_000);
    let end = 0;
    for (const [at, length, fill] of [
      [150_000, 10, 1],
      [0, 5, 2],
      [3, 70_000, 3],
      [60_000, 30_000, 4],
      [149_995, 8, 5],
      [199_999, 1, 6],
    ] as const) {
      await sftp.ok(write(handle, at, Buffer.alloc(length, fill)));
      model.fill(fill, at, at + length);
      end = Math.max(end, at + length);
      expect((await sftp.attrs(fstat(handle))).size).toBe(BigInt(end));
    }
    expect((await readAll(sftp, handle)).equals(model)).toBe(true);
    await sftp.ok(close(handle));
    expect((await getFile(sftp, `${dir}/f`)).equals(model)).toBe(true);
  });

  it('gives back random pieces exactly as a model of the file has them', async () => {
    const { sftp, dir } = await target.fresh();
    const content = randomBytes(300_000);
    await putFile(sftp, `${dir}/f`, content);
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ));
    for (const [at, length] of [
      [0, 1],
      [299_999, 1],
      [65_535, 2],
      [131_071, 65_537],
      [1, 200_000],
    ] as const) {
      const got = await sftp.data(read(handle, at, length));
      expect(got.equals(content.subarray(at, at + length))).toBe(true);
    }
  });

  it('reads short at the end, EOF past it, and goes on after that', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, '0123456789');
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ));
    expect((await sftp.data(read(handle, 8, 10))).toString()).toBe('89');
    expect(await sftp.outcome(read(handle, 10, 1))).toBe('EOF');
    expect(await sftp.outcome(read(handle, 11, 10))).toBe('EOF');
    expect((await sftp.data(read(handle, 0, 2))).toString()).toBe('01');
  });

  it('takes a READ and a WRITE of no bytes without changing the file', async () => {
    const { sftp, dir } = await target.fresh();
    await putFile(sftp, `${dir}/f`, 'abc');
    const handle = await sftp.handle(open(`${dir}/f`, FXF.READ | FXF.WRITE));
    expect(['EOF', 'DATA']).toContain(await sftp.outcome(read(handle, 0, 0)));
    expect(await sftp.outcome(read(handle, 3, 0))).toMatch(/^(EOF|DATA)$/);
    await sftp.ok(write(handle, 0, ''));
    await sftp.ok(write(handle, 100, ''));
    expect((await sftp.attrs(fstat(handle))).size).toBe(3n);
  });

  it('answers a READ above the limit with no more than the limit', async () => {
    const { sftp, dir } = await target.fresh();
    const content = randomBytes(700_000);
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    for (let at = 0; at < content.length; at += MAX_READ) {
      await sftp.ok(write(handle, at, content.subarray(at, at + MAX_READ)));
    }
    for (const length of [MAX_READ, MAX_READ + 1, 700_000, 0x7fffffff, 0xffffffff]) {
      const data = await sftp.data(read(handle, 5, length));
      expect(data.length).toBeGreaterThan(0);
      expect(data.length).toBeLessThanOrEqual(MAX_READ);
      expect(data.equals(content.subarray(5, 5 + data.length))).toBe(true);
    }
  });

  it('takes a WRITE in a packet of exactly the limit', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    const data = randomBytes(MAX_PACKET - (1 + 4 + 4 + handle.length + 8 + 4));
    await sftp.ok(write(handle, 0, data));
    expect((await readAll(sftp, handle)).equals(data)).toBe(true);
  });

  it('a READ sees the WRITE before it on the same handle without waiting for its reply', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    const requests: RawRequest[] = [];
    for (let n = 0; n < 50; n++) {
      requests.push(write(handle, (n % 7) * 1000, Buffer.alloc(1000, n)));
      requests.push(read(handle, (n % 7) * 1000, 1000));
    }
    const replies = await sftp.pipeline(requests);
    for (let n = 0; n < 50; n++) {
      const reply = replies[2 * n + 1];
      expect(reply?.kind).toBe('DATA');
      if (reply?.kind === 'DATA') expect(reply.data.equals(Buffer.alloc(1000, n))).toBe(true);
    }
  });

  it('two handles of one file see each other and the second reader sees a finished write', async () => {
    const { sftp, dir } = await target.fresh();
    const writer = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    const reader = await sftp.handle(open(`${dir}/f`, FXF.READ));
    expect(writer.equals(reader)).toBe(false);
    await sftp.ok(write(writer, 0, 'first'));
    expect((await sftp.data(read(reader, 0, 10))).toString()).toBe('first');
    await sftp.ok(write(writer, 5, ' second'));
    await sftp.ok(close(writer));
    expect((await sftp.data(read(reader, 0, 20))).toString()).toBe('first second');
    expect((await sftp.attrs(fstat(reader))).size).toBe(12n);
  });

  it('resumes: a second open continues at the size of the first part', async () => {
    const { sftp, dir } = await target.fresh();
    const content = randomBytes(100_000);
    await putFile(sftp, `${dir}/f`, content.subarray(0, 40_000));
    const { size } = await sftp.attrs(stat(`${dir}/f`));
    expect(size).toBe(40_000n);
    const handle = await sftp.handle(open(`${dir}/f`, FXF.WRITE | FXF.CREAT));
    for (let at = 40_000; at < content.length; at += 30_000) {
      await sftp.ok(write(handle, at, content.subarray(at, at + 30_000)));
    }
    await sftp.ok(close(handle));
    const sha = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
    expect(sha(await getFile(sftp, `${dir}/f`))).toBe(sha(content));
  });

  it.each([2n ** 31n - 2n, 2n ** 31n, 2n ** 32n - 2n, 2n ** 32n])(
    'writes, tells and reads exactly around offset %s',
    async (offset) => {
      const { sftp, dir } = await target.fresh();
      const handle = await sftp.handle(open(`${dir}/f`, NEW));
      await sftp.ok(write(handle, offset, 'mark'));
      expect((await sftp.attrs(fstat(handle))).size).toBe(offset + 4n);
      expect((await sftp.attrs(stat(`${dir}/f`))).size).toBe(offset + 4n);
      expect((await sftp.data(read(handle, offset, 10))).toString()).toBe('mark');
      expect(await sftp.data(read(handle, offset - 3n, 5))).toEqual(Buffer.from('\0\0\0ma'));
      expect(await sftp.outcome(read(handle, offset + 4n, 1))).toBe('EOF');
      await sftp.ok(close(handle));
    },
  );

  it.each([
    2n ** 40n,
    2n ** 53n - 5n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 4n,
    2n ** 64n - 1n,
  ])('writes exactly or refuses cleanly at offset %s', async (offset) => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    await sftp.ok(write(handle, 0, 'head'));
    const wrote = await sftp.status(write(handle, offset, 'mark'));
    const { size } = await sftp.attrs(fstat(handle));
    if (wrote === 'OK') {
      expect(size).toBe(offset + 4n);
      expect((await sftp.data(read(handle, offset, 4))).toString()).toBe('mark');
    } else {
      expect(['FAILURE', 'BAD_MESSAGE']).toContain(wrote);
      expect(size).toBe(4n);
      expect(['EOF', 'FAILURE', 'BAD_MESSAGE']).toContain(
        await sftp.outcome(read(handle, offset, 4)),
      );
    }
    expect((await sftp.data(read(handle, 0, 4))).toString()).toBe('head');
  });

  it('sets sizes above 2^32 exactly, and above 2^53 exactly or not at all', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    await sftp.ok(fsetstat(handle, { size: 2n ** 33n + 1n }));
    expect((await sftp.attrs(fstat(handle))).size).toBe(2n ** 33n + 1n);
    for (const size of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      await sftp.ok(fsetstat(handle, { size: 7n }));
      for (const change of [fsetstat(handle, { size }), setstat(`${dir}/f`, { size })]) {
        const status = await sftp.status(change);
        expect((await sftp.attrs(fstat(handle))).size).toBe(status === 'OK' ? size : 7n);
      }
    }
  });

  itOfOurs('refuses a WRITE whose data is shorter than it says, and writes nothing', async () => {
    const { sftp, dir } = await target.fresh();
    const handle = await sftp.handle(open(`${dir}/f`, NEW));
    const body = new ByteWriter().string(handle).u64(0n).u32(10).bytes(Buffer.from('short'));
    const reply = await sftp.request(request(FXP.WRITE, body));
    expect(outcomeOf(reply)).toBe('BAD_MESSAGE');
    expect((await sftp.attrs(fstat(handle))).size).toBe(0n);
  });
});
