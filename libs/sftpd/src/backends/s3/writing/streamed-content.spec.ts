import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { dice, gate, settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { bytes, NOTHING_LEFT, UploadBench, watch, writeAll } from './spec-support/upload-bench.js';

const MIB = 1024 * 1024;
/** Short parts, of which a spec can see through many. */
const PART = 1000;

let bench: UploadBench;

beforeEach(() => {
  bench = new UploadBench();
  bench.configure({ partSize: PART });
});

afterEach(() => {
  try {
    expect(bench.leftOvers).toEqual(NOTHING_LEFT);
  } finally {
    bench.end();
  }
});

describe('a streamed upload', () => {
  it.each([0, 1, PART - 1, PART])('of %i bytes is one request at the close', async (length) => {
    const file = await bench.open();
    await writeAll(file, bytes(length), 300);
    expect(bench.s3.calls).toEqual([]);
    await file.close();
    expect(bench.s3.calls).toEqual([`PutObject ${length}`]);
    expect(bench.s3.content('f')).toEqual(bytes(length));
  });

  it('sends full parts while the next one fills, and the first at the close', async () => {
    const file = await bench.open();
    await writeAll(file, bytes(3500), 100);
    await settled();
    expect(bench.s3.calls).toEqual([
      'CreateMultipartUpload',
      'UploadPart 2 1000',
      'UploadPart 3 1000',
    ]);
    await file.close();
    expect(bench.s3.calls.slice(3)).toEqual([
      'UploadPart 1 1000',
      'UploadPart 4 500',
      'CompleteMultipartUpload',
    ]);
    expect(bench.s3.content('f')).toEqual(bytes(3500));
  });

  it('begins with little memory and takes more when it is needed', async () => {
    bench.configure({ partSize: 6 * MIB });
    const file = await bench.open();
    expect(bench.context.uploadMemory.used).toBe(0);
    await file.write(bytes(10), 0);
    expect(bench.context.uploadMemory.used).toBe(64 * 1024);
    await file.write(bytes(100_000), 10);
    expect(bench.context.uploadMemory.used).toBe(512 * 1024);
    await file.write(bytes(1_000_000), 100_010);
    expect(bench.context.uploadMemory.used).toBe(6 * MIB);
    await file.close();
    const expected = Buffer.concat([bytes(10), bytes(100_000), bytes(1_000_000)]);
    expect(bench.s3.content('f').equals(expected)).toBe(true);
  });

  it('lets the client wait when as many parts are on their way as may be', async () => {
    bench.configure({ partSize: PART, uploadConcurrency: 2 });
    const { opened, open: release } = gate();
    bench.s3.before = (call) => (call.startsWith('UploadPart') ? opened : undefined);
    const file = await bench.open();
    // The first is held back, two are on their way, the fourth of them has to wait.
    await writeAll(file, bytes(3 * PART), PART);
    const waiting = watch(file.write(bytes(PART), 3 * PART));
    await settled();
    expect(waiting.over).toBe(false);
    expect(bench.s3.callsOf('UploadPart')).toHaveLength(2);
    release();
    await waiting.done;
    await file.close();
    expect(bench.s3.content('f')).toEqual(Buffer.concat([bytes(3 * PART), bytes(PART)]));
  });

  it('keeps no buffer of the client', async () => {
    const file = await bench.open();
    const data = bytes(500);
    await file.write(data, 0);
    data.fill(0);
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(500));
  });

  it('takes writes in any order within two parts, without a temporary file', async () => {
    const file = await bench.open();
    const content = bytes(2 * PART);
    for (const at of [1500, 700, 100, 1900, 0, 1000]) {
      const end = { 1500: 1900, 700: 1000, 100: 700, 1900: 2000, 0: 100, 1000: 1500 }[at];
      await file.write(content.subarray(at, end), at);
    }
    expect(bench.context.temporaryFiles.used).toBe(0);
    await file.close();
    expect(bench.s3.content('f')).toEqual(content);
  });

  it('lets a client patch the beginning of a file as long as that is held back', async () => {
    const file = await bench.open();
    const content = bytes(5 * PART);
    await writeAll(file, content, PART);
    await file.write(Buffer.from('HEADER'), 3);
    content.write('HEADER', 3);
    await file.close();
    expect(bench.s3.content('f')).toEqual(content);
  });

  it('refuses to change what has been sent, and stores nothing then', async () => {
    const file = await bench.open();
    await writeAll(file, bytes(3 * PART), PART);
    await expect(file.write(Buffer.from('X'), PART + 1)).rejects.toMatchObject({
      code: 'ENOTSUP',
      message: 'This storage cannot change what it has been sent already',
    });
    await expect(file.close()).rejects.toMatchObject({ code: 'ENOTSUP' });
    expect(bench.s3.objects.size).toBe(0);
  });

  it('gathers the rest in a temporary file when a client writes far ahead', async () => {
    const file = await bench.open();
    const content = bytes(9 * PART + 7);
    await writeAll(file, content.subarray(0, 2500), 500);
    await file.write(content.subarray(8000), 8000);
    expect(bench.context.temporaryFiles.used).toBe(1000 + 500 + 1007);
    expect(bench.context.uploadMemory.used).toBe(0);
    await file.write(content.subarray(2500, 8000), 2500);
    await file.write(content.subarray(0, 10), 0);
    expect(await file.stat()).toMatchObject({ size: content.length });
    await file.close();
    expect(bench.s3.content('f')).toEqual(content);
  });

  it('stores what was written at random from its beginning as what is there as a whole', async () => {
    bench.configure({ partSize: 5 * MIB });
    const file = await bench.open();
    const content = bytes(17 * MIB + 1);
    await file.write(content.subarray(16 * MIB), 16 * MIB);
    await writeAll(file, content.subarray(0, 16 * MIB), MIB);
    expect(bench.s3.calls).toEqual([]);
    await file.close();
    expect(bench.s3.callsOf('UploadPart')).toHaveLength(4);
    expect(bench.s3.content('f').equals(content)).toBe(true);
  });

  it('refuses a write far ahead where no temporary files are allowed', async () => {
    bench.configure({ partSize: PART, randomWrites: 'refuse' });
    const file = await bench.open();
    await expect(file.write(bytes(1), 2 * PART)).rejects.toMatchObject({
      code: 'ENOTSUP',
      message: expect.stringContaining('in order'),
    });
    await file.abort();
    expect(bench.s3.calls).toEqual([]);
  });

  it('makes zeros of what nobody has written', async () => {
    const file = await bench.open();
    await file.write(Buffer.from('a'), 10);
    await file.write(Buffer.from('b'), 1500);
    await file.setAttributes?.({ size: 4200 });
    await file.close();
    const expected = Buffer.alloc(4200);
    expected.write('a', 10);
    expected.write('b', 1500);
    expect(bench.s3.content('f')).toEqual(expected);
  });

  it.each([1, 999, 1000, 1001, 5000])('is %i zeros when it was only given a size', async (size) => {
    const file = await bench.open();
    await file.setAttributes?.({ size });
    await file.close();
    expect(bench.s3.content('f')).toEqual(Buffer.alloc(size));
  });

  it('refuses zeros without end', async () => {
    bench.configure();
    const file = await bench.open();
    await file.setAttributes?.({ size: 4 * 1024 ** 4 });
    await expect(file.close()).rejects.toMatchObject({ code: 'EFBIG' });
    const other = await bench.open();
    await expect(other.write(bytes(1), 4 * 1024 ** 4)).rejects.toMatchObject({ code: 'EFBIG' });
    await expect(other.setAttributes?.({ size: 6 * 1024 ** 4 })).rejects.toMatchObject({
      code: 'EFBIG',
    });
    await other.abort();
  });

  it('can be cut as long as that has not been sent', async () => {
    const file = await bench.open();
    await writeAll(file, bytes(900), 100);
    await file.setAttributes?.({ size: 500 });
    await file.setAttributes?.({ size: 700 });
    await file.close();
    expect(bench.s3.content('f')).toEqual(
      Buffer.concat([bytes(900).subarray(0, 500), Buffer.alloc(200)]),
    );
  });

  it('can be cut into the part that is held back, and written on', async () => {
    const file = await bench.open();
    const content = bytes(2 * PART + 500);
    await writeAll(file, content.subarray(0, 1200), 100);
    await file.setAttributes?.({ size: 300 });
    await file.write(content.subarray(300), 300);
    await file.close();
    expect(bench.s3.content('f')).toEqual(content);
  });

  it('cannot be cut below what has been sent, and is not spoiled by that', async () => {
    const file = await bench.open();
    await writeAll(file, bytes(2500), 500);
    await expect(file.setAttributes?.({ size: 1999 })).rejects.toMatchObject({ code: 'ENOTSUP' });
    await file.setAttributes?.({ size: 2100 });
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(2500).subarray(0, 2100));
  });

  it('writes at the end, whatever the offset, when it appends', async () => {
    const file = await bench.open({ append: true });
    await file.write(Buffer.from('one,'), 100);
    await file.write(Buffer.from('two'), 0);
    await file.close();
    expect(bench.s3.content('f').toString()).toBe('one,two');
  });

  it('cannot be read', async () => {
    const file = await bench.open();
    await expect(file.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'EBADF' });
    await file.abort();
    bench.configure({ partSize: PART, randomWrites: 'refuse' });
    const other = await bench.open({ read: true });
    await expect(other.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'ENOTSUP' });
    await other.abort();
  });

  const SEED = 51_001;

  it.each(Array.from({ length: 40 }, (_, index) => SEED + index))(
    'makes of parts in any order what a buffer would be, or says that it cannot (seed %i)',
    async (seed) => {
      const random = dice(seed);
      // Memory for two to nine buffers: some find none left.
      bench.configure(
        { partSize: PART, uploadConcurrency: 1 + random(4) },
        PART * (1 + random(16)),
      );
      bench.s3.before = () => (random(3) === 0 ? settled() : undefined);
      const file = await bench.open();
      const expected = Buffer.alloc(24 * PART);
      const window = [300, 1500, 12_000][random(3)]!;
      let size = 0;
      let refused = false;
      for (let at = 0; at < 9 * PART;) {
        const offset = Math.max(at + random(window) - random(random(4) === 0 ? window : 1), 0);
        const data = bytes(1 + random(700), random(1000));
        try {
          await file.write(data, offset);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOTSUP' });
          refused = true;
          break;
        }
        data.copy(expected, offset);
        size = Math.max(size, offset + data.length);
        at += random(2) * data.length;
        if (random(20) === 0) {
          const cut = size - random(300);
          try {
            await file.setAttributes?.({ size: cut });
            size = cut;
            expected.fill(0, cut);
          } catch (error) {
            expect(error).toMatchObject({ code: 'ENOTSUP' });
          }
        }
      }
      if (refused) await file.abort();
      else {
        await file.close();
        expect(bench.s3.content('f').equals(expected.subarray(0, size))).toBe(true);
      }
      expect(bench.s3.objects.size).toBe(refused ? 0 : 1);
    },
  );
});
