import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { settled } from '../../../filesystem/open-files/spec-support/probe-storage.js';
import { SftpError } from '../../../filesystem/sftp-error.js';
import { ObjectFile } from '../reading/object-file.js';
import { readerOf } from '../reading/reader-of.js';
import { s3Failure } from './spec-support/fake-s3.js';
import { bytes, KEEP, NOTHING_LEFT, UploadBench, writeAll } from './spec-support/upload-bench.js';

const MIB = 1024 * 1024;
const PART = 1000;
const TIME = new Date('2024-02-03T04:05:06Z');
const SECONDS = String(TIME.getTime() / 1000);

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

function metadataOf(key = 'f'): Record<string, string> {
  return bench.s3.objects.get(key)!.metadata;
}

describe('attributes of an upload', () => {
  it.each([10, 3500])(
    'go with the content of %i bytes when they are told before it',
    async (length) => {
      const file = await bench.open({ mode: 0o640, times: { accessedAt: TIME, modifiedAt: TIME } });
      await writeAll(file, bytes(length), 500);
      await file.setAttributes?.({ mode: 0o640, accessedAt: TIME, modifiedAt: TIME });
      expect(await file.stat()).toEqual({
        type: 'regular',
        size: length,
        mode: 0o640,
        accessedAt: TIME,
        modifiedAt: TIME,
      });
      await file.close();
      expect(metadataOf()).toEqual({ mode: String(0o100640), atime: SECONDS, mtime: SECONDS });
      expect(bench.s3.callsOf('CopyObject')).toEqual([]);
    },
  );

  it('go with a short file when they are told after its content', async () => {
    const file = await bench.open();
    await file.write(bytes(10), 0);
    await file.setAttributes?.({ mode: 0o600 });
    await file.setAttributes?.({ accessedAt: TIME, modifiedAt: TIME });
    await file.close();
    expect(bench.s3.calls).toEqual(['PutObject 10']);
    expect(metadataOf()).toEqual({ mode: String(0o100600), atime: SECONDS, mtime: SECONDS });
  });

  it('are set by a copy of a long file onto itself when they are told after it has begun', async () => {
    const file = await bench.open({ mode: 0o644 });
    await writeAll(file, bytes(3500), 500);
    await settled();
    await file.setAttributes?.({ mode: 0o600 });
    await file.close();
    expect(bench.s3.callsOf('CopyObject')).toHaveLength(1);
    expect(metadataOf()).toEqual({ mode: String(0o100600) });
    expect(bench.s3.content('f')).toEqual(bytes(3500));
  });

  it('are told of when they could not be set, although the file is stored', async () => {
    bench.s3.before = (call) => {
      if (call.startsWith('CopyObject')) throw s3Failure('AccessDenied', 403);
    };
    const file = await bench.open();
    await writeAll(file, bytes(3500), 500);
    await settled();
    await file.setAttributes?.({ mode: 0o600 });
    await expect(file.close()).rejects.toMatchObject({
      code: 'EACCES',
      message: 'The file is stored, but its attributes could not be set',
    });
    expect(bench.s3.content('f')).toEqual(bytes(3500));
  });

  it('have no time that nobody has told', async () => {
    const file = await bench.open();
    await file.write(bytes(10), 0);
    const { modifiedAt } = await file.stat();
    expect(Math.abs(Date.now() - modifiedAt!.getTime())).toBeLessThan(10_000);
    await file.close();
    expect(metadataOf()).toEqual({});
  });

  it('have no owner and no group', async () => {
    const file = await bench.open();
    await expect(file.setAttributes?.({ uid: 0, gid: 0 })).rejects.toMatchObject({
      code: 'ENOTSUP',
    });
    await file.close();
    expect(metadataOf()).toEqual({});
  });

  it('keep the permissions and the type of a file that is replaced, and nothing else', async () => {
    bench.s3.put('f', bytes(10), {
      metadata: { mode: String(0o100604), mtime: '1', colour: 'red' },
      headers: { ContentType: 'text/plain', ContentEncoding: 'gzip' },
    });
    const file = await bench.open({ mode: 0o777 });
    await file.write(bytes(5), 0);
    expect(await file.stat()).toMatchObject({ mode: 0o604, size: 5 });
    await file.close();
    expect(metadataOf()).toEqual({ mode: String(0o100604) });
    expect(bench.s3.objects.get('f')!.headers).toEqual({ ContentType: 'text/plain' });
  });

  it('keep all but the time of a file that is written on', async () => {
    bench.s3.put('f', bytes(10), {
      metadata: { mode: String(0o100604), mtime: '1', colour: 'red' },
      headers: { ContentType: 'text/plain', ContentEncoding: 'gzip' },
    });
    const file = await bench.open({ ...KEEP, append: true });
    await file.write(bytes(5), 0);
    await file.close();
    expect(metadataOf()).toEqual({ mode: String(0o100604), colour: 'red' });
    expect(bench.s3.objects.get('f')!.headers).toEqual({
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
    });
  });

  it('are all that is changed of a file whose content is not', async () => {
    const lastModified = new Date('2020-01-01T00:00:00Z');
    bench.s3.put('f', bytes(10), { metadata: { colour: 'red' }, lastModified });
    const file = await bench.open(KEEP);
    expect(await file.stat()).toMatchObject({ size: 10, modifiedAt: lastModified });
    await file.setAttributes?.({ mode: 0o600 });
    expect(await file.stat()).toMatchObject({ mode: 0o600, modifiedAt: lastModified });
    await file.close();
    expect(bench.s3.callsOf('CopyObject')).toHaveLength(1);
    expect(metadataOf()).toEqual({
      colour: 'red',
      mode: String(0o100600),
      mtime: String(lastModified.getTime() / 1000),
    });
  });
});

describe('the name of an upload', () => {
  it.each([10, 3500])(
    'is taken under a condition when it has to be free (%i bytes)',
    async (length) => {
      const one = await bench.open({ exclusive: true });
      const other = await bench.open({ exclusive: true });
      await writeAll(one, bytes(length), 500);
      await writeAll(other, bytes(length, 2), 500);
      await one.close();
      await expect(other.close()).rejects.toMatchObject({ code: 'EEXIST' });
      expect(bench.s3.content('f')).toEqual(bytes(length));
    },
  );

  it('is taken under a condition by what was gathered, too', async () => {
    bench.configure({ partSize: 5 * MIB, randomWrites: 'spool' });
    const file = await bench.open({ exclusive: true });
    await writeAll(file, bytes(6 * MIB), MIB);
    bench.s3.put('f', Buffer.from('theirs'));
    await expect(file.close()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(bench.s3.content('f').toString()).toBe('theirs');
  });

  it.each([10, 3500])('is looked at once more before the commit (%i bytes)', async (length) => {
    const assertNameFree = (): Promise<void> => Promise.reject(new SftpError('EISDIR'));
    const file = await bench.open({}, { assertNameFree });
    await writeAll(file, bytes(length), 500);
    await expect(file.close()).rejects.toMatchObject({ code: 'EISDIR' });
    expect(bench.s3.objects.size).toBe(0);
  });

  it.each([
    ['501', s3Failure('NotImplemented', 501)],
    ['400', s3Failure('InvalidArgument', 400, 'A header you provided implies functionality')],
  ])('is taken without a condition where the store has none: %s', async (_status, failure) => {
    bench.s3.unknownCondition = failure;
    for (const [key, length] of [
      ['a', 10],
      ['b', 3500],
      ['c', 20],
    ] as const) {
      const file = await bench.open({ exclusive: true }, { key });
      await writeAll(file, bytes(length), 500);
      await file.close();
      expect(bench.s3.content(key)).toEqual(bytes(length));
    }
    expect(bench.warnings).toEqual([expect.stringContaining('If-None-Match')]);
    // Only the first was told that there are no conditions.
    expect(bench.s3.callsOf('PutObject')).toHaveLength(3);
    expect(bench.s3.callsOf('CompleteMultipartUpload')).toHaveLength(1);
  });

  it('is taken by one of several at once, also where the store ignores the condition', async () => {
    bench.s3.ignoresConditionOfComplete = true;
    const assertNameFree = async (): Promise<void> => {
      if ((await bench.context.store.head('f')) !== undefined) throw new SftpError('EEXIST');
    };
    const files = await Promise.all(
      [1, 2, 3, 4].map(() => bench.open({ exclusive: true }, { assertNameFree })),
    );
    await Promise.all(files.map((file, index) => writeAll(file, bytes(3500, index), 500)));
    const ends = await Promise.allSettled(files.map(async (file) => file.close()));
    const winners = ends.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(bench.s3.content('f')).toEqual(bytes(3500, winners[0]));
  });

  it('is not taken again after any other failure', async () => {
    bench.s3.unknownCondition = s3Failure('InternalError', 500);
    const file = await bench.open({ exclusive: true });
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.s3.callsOf('PutObject')).toHaveLength(1);
  });
});

describe('an upload whose completion was not answered', () => {
  it.each(['allow', 'spool'] as const)(
    'is stored when a second try finds it gone and the object there: %s',
    async (randomWrites) => {
      bench.configure({ partSize: randomWrites === 'spool' ? 5 * MIB : PART, randomWrites });
      const content = bytes(randomWrites === 'spool' ? 6 * MIB : 3500);
      // The client would try again, and be told that there is no such upload.
      bench.s3.after = (call) => {
        if (call === 'CompleteMultipartUpload') throw s3Failure('NoSuchUpload', 404);
      };
      const file = await bench.open();
      await writeAll(file, content, Math.ceil(content.length / 7));
      await file.close();
      expect(bench.s3.content('f').equals(content)).toBe(true);
    },
  );

  it.each(['allow', 'spool'] as const)(
    'has failed when the object is another one: %s',
    async (randomWrites) => {
      bench.configure({ partSize: randomWrites === 'spool' ? 5 * MIB : PART, randomWrites });
      const length = randomWrites === 'spool' ? 6 * MIB : 3500;
      bench.s3.put('f', bytes(length));
      bench.s3.before = (call) => {
        if (call === 'CompleteMultipartUpload') throw s3Failure('NoSuchUpload', 404);
      };
      const file = await bench.open();
      await writeAll(file, bytes(length, 2), Math.ceil(length / 7));
      await expect(file.close()).rejects.toBeInstanceOf(SftpError);
      expect(bench.s3.content('f').equals(bytes(length))).toBe(true);
    },
  );
});

describe('a copy of a whole file', () => {
  async function source(length: number): Promise<ObjectFile> {
    bench.s3.put('source', bytes(length), {
      metadata: { mtime: '1' },
      headers: { ContentType: 'text/plain' },
    });
    const object = await bench.context.store.head('source');
    return new ObjectFile(object!, readerOf(bench.context, object!));
  }

  it('is made inside the store at the close', async () => {
    const file = await bench.open({ mode: 0o640 });
    expect(await file.copyFrom?.(await source(3500))).toBe(true);
    expect(await file.stat()).toMatchObject({ size: 3500, mode: 0o640 });
    expect(bench.s3.objects.has('f')).toBe(false);
    await file.close();
    expect(bench.s3.callsOf('CopyObject')).toHaveLength(1);
    expect(bench.s3.content('f')).toEqual(bytes(3500));
    expect(metadataOf()).toEqual({ mode: String(0o100640) });
    expect(bench.s3.objects.get('f')!.headers).toEqual({ ContentType: 'text/plain' });
  });

  it('is changed on the way when something is written after it', async () => {
    bench.configure({ partSize: 5 * MIB });
    const file = await bench.open();
    await file.copyFrom?.(await source(6 * MIB));
    await file.write(Buffer.from('more'), 6 * MIB);
    await file.close();
    expect(bench.s3.callsOf('UploadPartCopy')).toEqual([`1 ${6 * MIB}`]);
    const expected = Buffer.concat([bytes(6 * MIB), Buffer.from('more')]);
    expect(bench.s3.content('f').equals(expected)).toBe(true);
    expect(bench.s3.content('source').length).toBe(6 * MIB);
  });

  it('is made under a condition when the name has to be free', async () => {
    const file = await bench.open({ exclusive: true });
    await file.copyFrom?.(await source(100));
    bench.s3.put('f', Buffer.from('theirs'));
    await expect(file.close()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(bench.s3.content('f').toString()).toBe('theirs');
  });

  it('is one of the version that was copied, or none', async () => {
    const file = await bench.open();
    await file.copyFrom?.(await source(100));
    bench.s3.put('source', bytes(100, 77));
    await expect(file.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.s3.objects.has('f')).toBe(false);
  });

  it('leaves nothing when it is aborted', async () => {
    const file = await bench.open();
    await file.copyFrom?.(await source(100));
    await file.abort();
    expect(bench.s3.objects.has('f')).toBe(false);
  });

  it('is left to the server for anything else than a file of the store, and after a write', async () => {
    const file = await bench.open();
    const other = await bench.open({}, { key: 'g' });
    expect(await file.copyFrom?.(other)).toBe(false);
    await file.write(Buffer.from('x'), 0);
    expect(await file.copyFrom?.(await source(10))).toBe(false);
    await file.close();
    await other.abort();
    expect(bench.s3.content('f').toString()).toBe('x');
  });

  it('is left to the server when there is something that it does not replace', async () => {
    bench.s3.put('f', bytes(10));
    const file = await bench.open(KEEP);
    expect(await file.copyFrom?.(await source(5))).toBe(false);
    await file.close();
    expect(bench.s3.content('f')).toEqual(bytes(10));
  });
});

describe('the attributes of an upload', () => {
  const TIMES = { accessedAt: new Date(1_000_000), modifiedAt: new Date(2_000_000) };

  it('are known to listings from its close on', async () => {
    const file = await bench.open({ mode: 0o640 });
    await file.write(bytes(10), 0);
    await file.setAttributes?.(TIMES);
    await file.close();
    const { tree, store } = bench.context;
    const object = await store.head('f');
    expect(tree.attributes.of('f', object!.etag)).toEqual({ mode: 0o640, ...TIMES });
  });

  it('are not known any more when the next one has none', async () => {
    const { tree, store } = bench.context;
    for (const times of [TIMES, {}]) {
      const file = await bench.open();
      await file.setAttributes?.(times);
      await file.close();
    }
    const object = await store.head('f');
    expect(tree.attributes.of('f', object!.etag)).toEqual({});
  });
});

describe('a file that has ended', () => {
  it('does nothing any more', async () => {
    const file = await bench.open();
    await file.close();
    await expect(file.write(bytes(1), 0)).rejects.toMatchObject({ code: 'EBADF' });
    await expect(file.close()).rejects.toMatchObject({ code: 'EBADF' });
    expect(() => file.stat()).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(bench.s3.calls).toEqual(['PutObject 0']);
  });
});
