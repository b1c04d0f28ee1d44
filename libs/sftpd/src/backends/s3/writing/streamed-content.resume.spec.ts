import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { bytes, KEEP, NOTHING_LEFT, UploadBench } from './spec-support/upload-bench.js';

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
