import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { dice, settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import type { OpenFile } from '../../../filesystem/open-file.js';
import { s3Failure } from './spec-support/fake-s3.js';
import { bytes, KEEP, NOTHING_LEFT, UploadBench, writeAll } from './spec-support/upload-bench.js';

const MIB = 1024 * 1024;

let bench: UploadBench;

beforeEach(() => {
  bench = new UploadBench();
  bench.configure({ partSize: 5 * MIB });
});

afterEach(() => {
  try {
    expect(bench.leftOvers).toEqual(NOTHING_LEFT);
  } finally {
    bench.end();
  }
});

async function contentOf(file: OpenFile, length: number, offset = 0): Promise<Buffer> {
  const target = Buffer.alloc(length);
  return target.subarray(0, await file.read(target, offset));
}

describe('an upload that is read, too', () => {
  it('reads what has been written, with zeros where nothing was', async () => {
    const file = await bench.open({ read: true });
    expect(await contentOf(file, 10)).toEqual(Buffer.alloc(0));
    await file.write(Buffer.from('abc'), 0);
    await file.write(Buffer.from('xyz'), 6);
    expect((await contentOf(file, 100)).toString('latin1')).toBe('abc\0\0\0xyz');
    expect((await contentOf(file, 2, 7)).toString()).toBe('yz');
    await file.setAttributes?.({ size: 7 });
    await file.setAttributes?.({ size: 9 });
    await file.close();
    expect(bench.s3.calls).toEqual(['PutObject 9']);
    expect(bench.s3.content('f').toString('latin1')).toBe('abc\0\0\0x\0\0');
  });

  it('is there, empty, when nothing was written', async () => {
    await (await bench.open({ read: true })).close();
    expect(bench.s3.content('f').length).toBe(0);
  });

  it('reads the changes over what is there', async () => {
    bench.s3.put('f', Buffer.from('0123456789'));
    const file = await bench.open({ ...KEEP, read: true });
    expect((await contentOf(file, 4, 3)).toString()).toBe('3456');
    await file.write(Buffer.from('AB'), 2);
    await file.write(Buffer.from('CD'), 7);
    expect((await contentOf(file, 100)).toString()).toBe('01AB456CD9');
    await file.setAttributes?.({ size: 5 });
    await file.setAttributes?.({ size: 7 });
    expect((await contentOf(file, 100)).toString('latin1')).toBe('01AB4\0\0');
    await file.close();
    expect(bench.s3.content('f').toString('latin1')).toBe('01AB4\0\0');
  });
});

describe('an upload that changes an object', () => {
  it('writes nothing when nothing has been changed', async () => {
    bench.s3.put('f', bytes(6 * MIB));
    const file = await bench.open({ ...KEEP, read: true });
    await contentOf(file, 10);
    await file.setAttributes?.({ size: 6 * MIB });
    await file.close();
    expect(bench.s3.calls.filter((call) => !/^(Head|Get)/.test(call))).toEqual([]);
  });

  it('sends what has been changed and has the store copy the rest', async () => {
    const content = bytes(30 * MIB);
    bench.s3.minPart = 5 * MIB;
    bench.s3.put('f', Buffer.from(content));
    const file = await bench.open(KEEP);
    await file.write(Buffer.from('CHANGED'), 12 * MIB + 1);
    content.write('CHANGED', 12 * MIB + 1);
    expect(bench.context.temporaryFiles.used).toBe(7);
    await file.close();
    expect(bench.s3.callsOf('UploadPartCopy')).toHaveLength(2);
    expect(bench.s3.callsOf('UploadPart')).toEqual([`2 ${5 * MIB}`]);
    expect(bench.s3.content('f').equals(content)).toBe(true);
  });

  it('looks at every part that the store has copied', async () => {
    const content = bytes(40 * MIB);
    bench.s3.minPart = 5 * MIB;
    bench.s3.put('f', Buffer.from(content));
    const file = await bench.open(KEEP);
    for (const at of [8 * MIB, 20 * MIB]) {
      await file.write(Buffer.from('CHANGED'), at);
      content.write('CHANGED', at);
    }
    await file.close();
    // The store lists two parts a page.
    expect(bench.s3.callsOf('ListParts')).toHaveLength(3);
    expect(bench.s3.content('f').equals(content)).toBe(true);
  });

  it('goes through the server where the store may take the key for another', async () => {
    const content = bytes(11 * MIB);
    bench.s3.put('a+b', Buffer.from(content));
    const file = await bench.open(KEEP, { key: 'a+b' });
    await file.write(Buffer.from('CHANGED'), 3);
    content.write('CHANGED', 3);
    await file.close();
    expect(bench.s3.callsOf('UploadPartCopy')).toEqual([]);
    expect(bench.s3.content('a+b').equals(content)).toBe(true);
  });

  it('notices a store that copies something else', async () => {
    bench.s3.put('f', bytes(40 * MIB));
    let copies = 0;
    bench.s3.copyAs = (body) => (copies++ === 2 ? Buffer.concat([body, body]) : body);
    const file = await bench.open(KEEP);
    await file.write(Buffer.from('X'), 8 * MIB);
    await file.write(Buffer.from('X'), 20 * MIB);
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.s3.content('f').length).toBe(40 * MIB);
  });

  it.each([10, 12 * MIB])('fails when the object of %i bytes has become another', async (size) => {
    bench.s3.put('f', bytes(size));
    const file = await bench.open(KEEP);
    await file.write(Buffer.from('X'), 0);
    bench.s3.put('f', bytes(size, 77));
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.s3.content('f').equals(bytes(size, 77))).toBe(true);
  });

  it('does not mind what has become of an object of which nothing is left', async () => {
    bench.s3.put('f', bytes(10));
    const file = await bench.open(KEEP);
    await file.write(bytes(10, 5), 0);
    bench.s3.put('f', bytes(10, 77));
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(10, 5));
  });

  it('is refused where no temporary files are allowed, and is still there', async () => {
    bench.configure({ randomWrites: 'refuse' });
    bench.s3.put('f', bytes(10));
    const file = await bench.open({ ...KEEP, read: true });
    expect(await contentOf(file, 10)).toEqual(bytes(10));
    await expect(file.write(Buffer.from('X'), 0)).rejects.toMatchObject({ code: 'ENOTSUP' });
    await file.abort();
    expect(bench.s3.content('f')).toEqual(bytes(10));
  });

  it('streams what replaces an object that was emptied by its size', async () => {
    bench.configure({ randomWrites: 'refuse' });
    bench.s3.put('f', bytes(10));
    const file = await bench.open(KEEP);
    await file.setAttributes?.({ size: 0 });
    await file.write(Buffer.from('new'), 0);
    await file.close();
    expect(bench.s3.content('f').toString()).toBe('new');
  });

  it('refuses zeros without end', async () => {
    bench.s3.put('f', bytes(10));
    const file = await bench.open(KEEP);
    await expect(file.setAttributes?.({ size: 4 * 1024 ** 4 })).rejects.toMatchObject({
      code: 'EFBIG',
    });
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(10));
  });

  it('leaves what was there when it is aborted', async () => {
    bench.s3.put('f', bytes(10));
    const file = await bench.open(KEEP);
    await file.write(Buffer.from('X'), 0);
    await file.abort();
    expect(bench.s3.content('f')).toEqual(bytes(10));
  });

  const SEED = 61_001;

  it.each(Array.from({ length: 25 }, (_, index) => SEED + index))(
    'is what a buffer would be after changes of any kind (seed %i)',
    async (seed) => {
      const random = dice(seed);
      const old = bytes(random(2) === 0 ? random(3000) : 6 * MIB + random(9 * MIB), seed);
      bench.s3.put('f', Buffer.from(old));
      const file = await bench.open({ ...KEEP, read: true });
      let expected: Buffer = Buffer.from(old);
      for (let round = 0; round < 12; round += 1) {
        const kind = random(5);
        if (kind < 3) {
          const offset = random(expected.length + 1000);
          const data = bytes(1 + random(kind === 0 ? 2 * MIB : 500), seed + round);
          const grown = Buffer.alloc(Math.max(expected.length, offset + data.length));
          expected.copy(grown);
          data.copy(grown, offset);
          expected = grown;
          await file.write(data, offset);
        } else if (kind === 3) {
          const size = random(expected.length + 3000);
          const resized = Buffer.alloc(size);
          expected.copy(resized);
          expected = resized;
          await file.setAttributes?.({ size });
        } else {
          const offset = random(expected.length + 10);
          const length = 1 + random(100_000);
          const read = await contentOf(file, length, offset);
          expect(read.equals(expected.subarray(offset, offset + length))).toBe(true);
        }
      }
      await file.close();
      expect(bench.s3.content('f').equals(expected)).toBe(true);
    },
  );
});

describe('an upload under the policy to spool', () => {
  beforeEach(() => {
    bench.configure({ partSize: 5 * MIB, randomWrites: 'spool' });
  });

  it('takes anything in any order, and sends it at the close', async () => {
    const content = bytes(12 * MIB);
    const file = await bench.open();
    await writeAll(file, content.subarray(6 * MIB), MIB, 6 * MIB);
    await writeAll(file, content, MIB);
    await file.write(Buffer.from('X'), 0);
    content.write('X', 0);
    expect(bench.s3.calls).toEqual([]);
    await file.close();
    expect(bench.s3.callsOf('UploadPart')).toHaveLength(3);
    expect(bench.s3.content('f').equals(content)).toBe(true);
  });

  it('counts the memory of what it sends, and does without where there is none', async () => {
    const content = bytes(12 * MIB);
    const used: number[] = [];
    bench.s3.before = () => void used.push(bench.context.uploadMemory.used);
    let file = await bench.open();
    await writeAll(file, content, MIB);
    await file.close();
    expect(Math.max(...used)).toBe(6 * 5 * MIB);
    bench.configure({ partSize: 5 * MIB, randomWrites: 'spool' }, MIB);
    used.length = 0;
    bench.s3.objects.clear();
    file = await bench.open();
    await writeAll(file, content, MIB);
    await file.close();
    expect(Math.max(...used)).toBe(0);
    expect(bench.s3.content('f').equals(content)).toBe(true);
  });

  it.each(['CreateMultipartUpload', 'UploadPart 2', 'CompleteMultipartUpload'])(
    'leaves nothing when %s fails',
    async (failing) => {
      bench.s3.before = (call) => {
        if (call.startsWith(failing)) throw s3Failure('InternalError', 500);
      };
      const file = await bench.open();
      await writeAll(file, bytes(12 * MIB), MIB);
      await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
      expect(bench.s3.objects.size).toBe(0);
      expect(bench.s3.uploads.size).toBe(0);
    },
  );

  it('keeps its multipart upload from the clean-up as long as it is under way', async () => {
    const known: boolean[] = [];
    bench.s3.before = (call) => {
      if (call.startsWith('UploadPart')) known.push(bench.context.openUploads.has('upload-1'));
    };
    const file = await bench.open();
    await writeAll(file, bytes(12 * MIB), MIB);
    await file.close();
    expect(known).toEqual([true, true, true]);
  });

  it('stops the other parts when one has failed', async () => {
    bench.s3.before = async (call) => {
      if (call.startsWith('UploadPart 1')) await new Promise(() => undefined);
      if (call.startsWith('UploadPart 2')) throw s3Failure('AccessDenied', 403);
    };
    const file = await bench.open();
    await writeAll(file, bytes(12 * MIB), MIB);
    await expect(file.close()).rejects.toMatchObject({ code: 'EACCES' });
    await settled();
    expect(bench.s3.uploads.size).toBe(0);
  });
});
