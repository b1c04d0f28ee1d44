import { describe, expect, it } from '@jest/globals';

import type { MultipartUpload, OpenUpload } from '../store/stored-object.js';
import { AbandonedUploads, type CleanUpContext } from './abandoned-uploads.js';

const HOUR = 60 * 60 * 1000;
const NOW = 100 * HOUR;

class FakeUploads {
  readonly aborted: string[] = [];
  readonly listed: string[] = [];
  readonly messages: string[] = [];
  now = NOW;
  fails = (_request: string) => false;

  constructor(readonly uploads: readonly (readonly [key: string, hours: number])[]) {}

  cleaner(settings: Partial<CleanUpContext['settings']> = {}, open: readonly string[] = []) {
    const say = (message: string) => void this.messages.push(message);
    return new AbandonedUploads(
      {
        store: {
          openUploads: (prefix) => this.#list(prefix),
          abortMultipart: ({ key, uploadId }) => this.#abort({ key, uploadId }),
        },
        settings: {
          abandonedUploadAge: 24 * HOUR,
          prefix: 't/',
          log: { log: say, warn: say, error: say },
          ...settings,
        },
        openUploads: new Set(open),
      },
      () => this.now,
    );
  }

  async *#list(prefix: string): AsyncGenerator<OpenUpload, void, undefined> {
    this.listed.push(prefix);
    await Promise.resolve();
    if (this.fails(`list ${prefix}`)) throw new Error('listing refused');
    for (const [key, hours] of this.uploads) {
      yield { key, uploadId: `id of ${key}`, initiated: new Date(this.now - hours * HOUR) };
    }
  }

  #abort({ key }: MultipartUpload): Promise<void> {
    if (this.fails(`abort ${key}`)) return Promise.reject(new Error('abort refused'));
    this.aborted.push(key);
    return Promise.resolve();
  }
}

describe('AbandonedUploads', () => {
  it('aborts what is older than the age, below its own prefix and not at work here', async () => {
    const fake = new FakeUploads([
      ['t/old', 25],
      ['t/young', 23],
      ['t/working', 25],
      ['neighbour/old', 25],
    ]);
    expect(await fake.cleaner({}, ['id of t/working']).cleanUp('t/')).toBe(1);
    expect(fake.aborted).toEqual(['t/old']);
    expect(fake.messages).toEqual([expect.stringContaining('1 left-over uploads')]);
  });

  it('aborts under both names what a store may have encoded', async () => {
    const fake = new FakeUploads([['t/a%20b', 25]]);
    expect(await fake.cleaner().cleanUp('t/')).toBe(1);
    expect(fake.aborted).toEqual(['t/a%20b', 't/a b']);
  });

  it('finds those below a prefix that the store has encoded', async () => {
    const fake = new FakeUploads([
      ['%C3%A4%2F/x', 25],
      ['%C3%A4/x', 25],
    ]);
    await fake.cleaner().cleanUp('ä/');
    expect(fake.aborted).toEqual(['ä//x', 'ä/x']);
  });

  it('goes on after a failure, and tells the log of it', async () => {
    const fake = new FakeUploads([
      ['t/one', 25],
      ['t/two', 25],
    ]);
    fake.fails = (request) => request === 'abort t/one';
    expect(await fake.cleaner().cleanUp('t/')).toBe(1);
    expect(fake.messages[0]).toContain('abort refused');
    fake.fails = () => true;
    expect(await fake.cleaner().cleanUp('t/')).toBe(0);
    expect(fake.messages.at(-1)).toContain('listing refused');
  });

  it('starts at once with the prefix of the backend, and settles when it has stopped', async () => {
    const fake = new FakeUploads([['t/old', 25]]);
    const cleaner = fake.cleaner();
    cleaner.start();
    // What was only begun is not gone on with.
    await cleaner.stop();
    cleaner.noticePrefix('u/');
    await cleaner.stop();
    expect(fake.listed).not.toContain('u/');

    const other = fake.cleaner();
    other.start();
    await Promise.resolve();
    await other.stop();
    expect(fake.listed).toContain('t/');
  });

  it('cleans up the prefixes of sessions when they are used, once an hour at most', async () => {
    const fake = new FakeUploads([]);
    const cleaner = fake.cleaner({ prefix: { sessionAttribute: 'tenant' } });
    cleaner.start();
    cleaner.noticePrefix('a/');
    cleaner.noticePrefix('a/');
    cleaner.noticePrefix('b/');
    fake.now += HOUR;
    cleaner.noticePrefix('a/');
    await new Promise(setImmediate);
    await cleaner.stop();
    expect(fake.listed).toEqual(['a/', 'b/', 'a/']);
  });

  it('leaves everything alone when it is switched off', async () => {
    const fake = new FakeUploads([['t/old', 1000]]);
    const cleaner = fake.cleaner({ abandonedUploadAge: false });
    cleaner.start();
    cleaner.noticePrefix('t/');
    expect(await cleaner.cleanUp('t/')).toBe(0);
    await cleaner.stop();
    expect(fake.listed).toEqual([]);
  });
});
