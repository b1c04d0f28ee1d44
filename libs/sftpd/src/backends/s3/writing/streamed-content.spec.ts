import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { dice, gate, settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { s3Failure } from './spec-support/fake-s3.js';
import {
  bytes,
  KEEP,
  NOTHING_LEFT,
  UploadBench,
  watch,
  writeAll,
} from './spec-support/upload-bench.js';

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

describe('memory for a streamed upload', () => {
  it('is counted for each buffer, and never more than a transfer may hold', async () => {
    bench.configure({ partSize: 8 * MIB, uploadConcurrency: 100 }, 1024 * MIB);
    const { opened, open: release } = gate();
    bench.s3.before = (call) => (call.startsWith('UploadPart') ? opened : undefined);
    const file = await bench.open();
    const block = bytes(8 * MIB);
    for (let part = 0; part < 7; part += 1) await file.write(block, part * block.length);
    expect(bench.context.uploadMemory.used).toBe(56 * MIB);
    const waiting = watch(file.write(block, 7 * block.length));
    await settled();
    expect(waiting.over).toBe(false);
    // The part that was held back has gone to make room.
    expect(bench.s3.callsOf('UploadPart')).toContain(`1 ${8 * MIB}`);
    release();
    await waiting.done;
    await file.close();
    expect(bench.s3.content('f').length).toBe(64 * MIB);
  });

  it('is no more than half of all for what only makes it faster', async () => {
    bench.configure({ partSize: PART }, 4 * PART);
    const { opened, open: release } = gate();
    bench.s3.before = (call) => (call.startsWith('UploadPart') ? opened : undefined);
    const file = await bench.open();
    await writeAll(file, bytes(2 * PART), PART);
    const waiting = watch(file.write(bytes(PART), 2 * PART));
    await settled();
    expect(waiting.over).toBe(false);
    expect(bench.context.uploadMemory.used).toBe(2 * PART);
    release();
    await waiting.done;
    await file.close();
    expect(bench.s3.content('f')).toEqual(Buffer.concat([bytes(2 * PART), bytes(PART)]));
  });

  it('goes on with one buffer when the others are taken', async () => {
    bench.configure({ partSize: PART }, 2 * PART);
    bench.context.uploadMemory.tryTake(PART, false);
    const file = await bench.open();
    await writeAll(file, bytes(4500), 100);
    expect(bench.s3.callsOf('UploadPart')).toEqual(['1 1000', '2 1000', '3 1000', '4 1000']);
    expect(bench.context.temporaryFiles.used).toBe(0);
    await file.close();
    bench.context.uploadMemory.give(PART);
    expect(bench.s3.content('f')).toEqual(bytes(4500));
  });

  it('is replaced by a temporary file when there is none at all', async () => {
    bench.configure({ partSize: PART }, PART);
    bench.context.uploadMemory.tryTake(PART, false);
    const file = await bench.open();
    await writeAll(file, bytes(2500), 100);
    expect(bench.context.temporaryFiles.used).toBeGreaterThan(0);
    bench.context.uploadMemory.give(PART);
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(2500));
  });

  it('is replaced by a temporary file when it runs out while a small file grows', async () => {
    bench.configure({ partSize: 5 * MIB }, 6 * MIB);
    const file = await bench.open();
    await file.write(bytes(100_000), 0);
    bench.context.uploadMemory.tryTake(5 * MIB, false);
    await file.write(bytes(600_000), 100_000);
    expect(bench.context.temporaryFiles.used).toBe(700_000);
    bench.context.uploadMemory.give(5 * MIB);
    await file.close();
    const expected = Buffer.concat([bytes(100_000), bytes(600_000)]);
    expect(bench.s3.content('f').equals(expected)).toBe(true);
  });

  it('is waited for where no temporary files are allowed', async () => {
    bench.configure({ partSize: PART, randomWrites: 'refuse' }, PART);
    bench.context.uploadMemory.tryTake(PART, false);
    const file = await bench.open();
    const waiting = watch(file.write(bytes(100), 0));
    await settled();
    expect(waiting.over).toBe(false);
    bench.context.uploadMemory.give(PART);
    await waiting.done;
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(100));
  });

  it('is not waited for longer than a request may last', async () => {
    bench.configure({ partSize: PART, randomWrites: 'refuse', requestTimeout: 20 }, PART);
    bench.context.uploadMemory.tryTake(PART, false);
    const file = await bench.open();
    await expect(file.write(bytes(100), 0)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await file.abort();
    bench.context.uploadMemory.give(PART);
    expect(bench.s3.calls).toEqual([]);
  });

  it('is not used for parts of more than 16 MiB, of which two are sent at a time', async () => {
    bench.configure({ partSize: 17 * MIB });
    const { opened, open: release } = gate();
    bench.s3.before = (call) => (call.startsWith('UploadPart') ? opened : undefined);
    const file = await bench.open();
    const block = bytes(17 * MIB);
    for (let part = 0; part < 3; part += 1) await file.write(block, part * block.length);
    expect(bench.context.uploadMemory.used).toBe(0);
    const waiting = watch(file.write(block, 3 * block.length));
    await settled();
    expect(bench.s3.callsOf('UploadPart')).toHaveLength(2);
    release();
    await waiting.done;
    await file.close();
    expect(bench.s3.content('f').equals(Buffer.concat([block, block, block, block]))).toBe(true);
  });
});

describe('an upload that is written on at the end of an object', () => {
  it.each([
    ['by the flag', { append: true }, 0],
    ['by where it writes', {}, 6 * MIB],
  ])('has the store copy what is there, %s', async (_how, flags, offset) => {
    const old = bytes(6 * MIB);
    bench.s3.put('f', old);
    const file = await bench.open({ ...KEEP, ...flags });
    await file.write(Buffer.from('more'), offset);
    await settled();
    expect(bench.s3.callsOf('UploadPartCopy')).toEqual([`1 ${6 * MIB}`]);
    await file.close();
    expect(bench.s3.callsOf('GetObject')).toEqual([]);
    expect(bench.s3.callsOf('UploadPart')).toEqual(['2 4']);
    expect(bench.s3.content('f').equals(Buffer.concat([old, Buffer.from('more')]))).toBe(true);
  });

  it('refuses to change what is carried over', async () => {
    bench.s3.put('f', bytes(6 * MIB));
    const file = await bench.open(KEEP);
    await file.write(Buffer.from('more'), 6 * MIB);
    await expect(file.write(Buffer.from('X'), 0)).rejects.toMatchObject({ code: 'ENOTSUP' });
    await file.abort();
    expect(bench.s3.content('f').length).toBe(6 * MIB);
  });

  it('takes the content of a short object into its first part', async () => {
    bench.s3.put('f', Buffer.from('short,'));
    const file = await bench.open(KEEP);
    await file.write(Buffer.from('more'), 6);
    await file.write(Buffer.from('S'), 0);
    await file.close();
    expect(bench.s3.content('f').toString()).toBe('Short,more');
    expect(bench.s3.callsOf('CreateMultipartUpload')).toEqual([]);
  });

  it.each(['100%', 'a+b', 'a%20b'])(
    'carries an object through the server whose key the store may take for another: %s',
    async (key) => {
      const old = bytes(6 * MIB);
      bench.s3.put(key, old);
      const file = await bench.open({ ...KEEP, append: true }, { key });
      await file.write(Buffer.from('more'), 0);
      await file.close();
      expect(bench.s3.callsOf('UploadPartCopy')).toEqual([]);
      expect(bench.s3.content(key).equals(Buffer.concat([old, Buffer.from('more')]))).toBe(true);
    },
  );

  it('notices a store that copies something else', async () => {
    const old = bytes(6 * MIB);
    bench.s3.put('f', old);
    bench.s3.copyAs = (body) => body.subarray(1);
    const file = await bench.open({ ...KEEP, append: true });
    await file.write(Buffer.from('more'), 0);
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.s3.content('f').equals(old)).toBe(true);
  });

  it.each([10, 6 * MIB])(
    'fails when the object of %i bytes was changed by someone else',
    async (size) => {
      bench.s3.put('f', bytes(size));
      const file = await bench.open({ ...KEEP, append: true });
      await file.write(Buffer.from('more'), 0);
      await settled();
      bench.s3.put('f', bytes(size, 77));
      await expect(file.close()).rejects.toMatchObject({
        code: 'EIO',
        message: 'The file was changed by someone else in the meantime',
      });
      expect(bench.s3.content('f').equals(bytes(size, 77))).toBe(true);
    },
  );

  it('does not mix two versions of a short object', async () => {
    bench.s3.put('f', bytes(10));
    const file = await bench.open({ ...KEEP, append: true });
    bench.s3.put('f', bytes(10, 77));
    await expect(file.write(Buffer.from('more'), 0)).rejects.toMatchObject({ code: 'EIO' });
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.s3.content('f')).toEqual(bytes(10, 77));
  });
});

describe('a streamed upload that comes to nothing', () => {
  const STAGES: [string, number][] = [
    ['before anything was written', 0],
    ['within the first part', 500],
    ['with the first part held back', PART],
    ['with parts under way', 4500],
  ];

  it.each(STAGES)('leaves nothing when it is aborted %s', async (_stage, length) => {
    bench.s3.put('f', Buffer.from('old'));
    bench.s3.before = (call) =>
      call.startsWith('UploadPart') ? new Promise(() => undefined) : undefined;
    const file = await bench.open();
    await writeAll(file, bytes(length), 500);
    if (length > 4000) await bench.s3.called(/^UploadPart 4/);
    await file.abort();
    expect(bench.s3.content('f').toString()).toBe('old');
    expect(bench.s3.callsOf('CompleteMultipartUpload')).toEqual([]);
  });

  it('leaves nothing when it is aborted after it went over to a temporary file', async () => {
    const file = await bench.open();
    await writeAll(file, bytes(2500), 500);
    await file.write(bytes(1), 9000);
    await file.abort();
    expect(bench.s3.objects.size).toBe(0);
  });

  it('leaves nothing when it is aborted while it begins', async () => {
    const { opened, open: release } = gate();
    bench.s3.before = (call) => (call === 'CreateMultipartUpload' ? opened : undefined);
    const file = await bench.open();
    await writeAll(file, bytes(2 * PART), PART);
    const aborted = file.abort();
    await settled();
    release();
    await aborted;
    expect(bench.s3.callsOf('AbortMultipartUpload')).toHaveLength(1);
    expect(bench.s3.callsOf('UploadPart')).toEqual([]);
  });

  it('is not aborted in the store before its parts are over', async () => {
    const { opened, open: release } = gate();
    bench.s3.deaf = true;
    bench.s3.before = (call) => (call.startsWith('UploadPart') ? opened : undefined);
    const file = await bench.open();
    await writeAll(file, bytes(2 * PART), PART);
    await bench.s3.called(/^UploadPart/);
    const aborted = watch(file.abort());
    await settled();
    expect(bench.s3.callsOf('AbortMultipartUpload')).toEqual([]);
    expect(bench.context.uploadMemory.used).toBeGreaterThan(0);
    release();
    await aborted.done;
    expect(bench.s3.callsOf('AbortMultipartUpload')).toHaveLength(1);
  });

  it('leaves nothing when it is aborted while an object is carried over', async () => {
    bench.s3.put('f', bytes(6 * MIB));
    bench.s3.before = (call) =>
      call.startsWith('UploadPartCopy') ? new Promise(() => undefined) : undefined;
    const file = await bench.open({ ...KEEP, append: true });
    await file.write(Buffer.from('more'), 0);
    await bench.s3.called(/^UploadPartCopy/);
    await file.abort();
    expect(bench.s3.content('f').length).toBe(6 * MIB);
  });

  it('fails later writes and the close with what a part failed with', async () => {
    bench.s3.before = (call) => {
      if (call.startsWith('UploadPart 2')) throw s3Failure('AccessDenied', 403);
    };
    const file = await bench.open();
    await writeAll(file, bytes(2 * PART), PART);
    await settled();
    await expect(file.write(bytes(1), 2 * PART)).rejects.toMatchObject({ code: 'EACCES' });
    await expect(file.close()).rejects.toMatchObject({ code: 'EACCES' });
    expect(bench.s3.objects.size).toBe(0);
  });

  it.each(['CreateMultipartUpload', 'UploadPart 1', 'UploadPart 3', 'CompleteMultipartUpload'])(
    'stores nothing when %s fails',
    async (failing) => {
      bench.s3.before = (call) => {
        if (call.startsWith(failing)) throw s3Failure('InternalError', 500);
      };
      const file = await bench.open();
      await writeAll(file, bytes(2500), 2500);
      await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
      expect(bench.s3.objects.size).toBe(0);
    },
  );

  it('stores nothing when PutObject fails', async () => {
    bench.s3.before = () => {
      throw s3Failure('QuotaExceeded', 403);
    };
    const file = await bench.open();
    await file.write(bytes(10), 0);
    await expect(file.close()).rejects.toMatchObject({ code: 'EDQUOT' });
    expect(bench.s3.objects.size).toBe(0);
  });

  it('stores nothing when the disk is full for what has to go there', async () => {
    bench.configure({ partSize: PART, maxTemporaryBytes: 1200 });
    const file = await bench.open();
    await writeAll(file, bytes(500), 500);
    await expect(file.write(bytes(1000), 5000)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(file.close()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(bench.s3.objects.size).toBe(0);
  });

  it('aborts again when a part arrives after the abort', async () => {
    const file = await bench.open();
    await writeAll(file, bytes(2 * PART), PART);
    await settled();
    let aborts = 0;
    const [id = ''] = bench.s3.uploadIds;
    const upload = bench.s3.uploads.get(id)!;
    bench.s3.before = (call) => {
      // What the store was still at work on shows again once.
      if (call.startsWith('ListParts') && aborts++ === 0) bench.s3.uploads.set(id, upload);
    };
    await file.abort();
    expect(bench.s3.callsOf('AbortMultipartUpload')).toHaveLength(2);
  });

  it('tells the log what the store does not let go of, and leaves it to the clean-up', async () => {
    bench.s3.before = (call) => {
      if (call.startsWith('AbortMultipart')) throw s3Failure('InternalError', 500);
    };
    const file = await bench.open();
    await writeAll(file, bytes(2 * PART), PART);
    await settled();
    await file.abort();
    expect(bench.warnings).toEqual([
      expect.stringContaining('upload-1 of "f" could not be aborted'),
    ]);
    expect(bench.s3.callsOf('AbortMultipartUpload').length).toBeGreaterThan(1);
    expect(bench.context.openUploads.has('upload-1')).toBe(false);
    bench.s3.uploads.clear();
  });
});

describe('parts that are sent as streams', () => {
  beforeEach(() => {
    bench.configure({ partSize: PART }, PART);
    bench.context.uploadMemory.tryTake(PART, false);
  });

  afterEach(() => {
    bench.context.uploadMemory.give(PART);
  });

  it('are sent again from their beginning when the store has a passing trouble', async () => {
    let failures = 2;
    bench.s3.before = (call) => {
      if (call.startsWith('UploadPart 2') && failures-- > 0) throw s3Failure('SlowDown', 503);
    };
    const file = await bench.open();
    await writeAll(file, bytes(2500), 500);
    await file.close();
    expect(bench.s3.callsOf('UploadPart').filter((call) => call.startsWith('2 '))).toHaveLength(3);
    expect(bench.s3.content('f')).toEqual(bytes(2500));
  });

  it('are not sent again when the store has refused them', async () => {
    bench.s3.before = (call) => {
      if (call.startsWith('UploadPart')) throw s3Failure('AccessDenied', 403);
    };
    const file = await bench.open();
    await file.write(bytes(500), 0);
    await expect(file.close()).rejects.toMatchObject({ code: 'EACCES' });
    expect(bench.s3.callsOf('UploadPart')).toHaveLength(1);
  });
});
