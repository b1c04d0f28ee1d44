import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { gate, settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { s3Failure } from './spec-support/fake-s3.js';
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

describe('memory for a streamed upload', () => {
  it('is counted for each buffer, and never more than a transfer may hold', async () => {
    bench.configure({ partSize: 8 * MIB, uploadConcurrency: 100 }, 1024 * MIB);
    const { opened, open: release } = gate();
    bench.s3.before = (call) => (call.startsWith('UploadPart') ? opened : undefined);
    const file = await bench.open();
    const block = bytes(8 * MIB);
    for (let part = 0; part < 4; part += 1) await file.write(block, part * block.length);
    expect(bench.context.uploadMemory.used).toBe(32 * MIB);
    const waiting = watch(file.write(block, 4 * block.length));
    await settled();
    expect(waiting.over).toBe(false);
    // The part that was held back has gone to make room.
    expect(bench.s3.callsOf('UploadPart')).toContain(`1 ${8 * MIB}`);
    release();
    await waiting.done;
    await file.close();
    expect(bench.s3.content('f').length).toBe(40 * MIB);
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
