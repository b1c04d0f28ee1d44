import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { gate, settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
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
