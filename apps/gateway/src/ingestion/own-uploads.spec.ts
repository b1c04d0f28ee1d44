import { beforeEach, describe, expect, it } from '@jest/globals';
import type { IntentStore } from './intent-store.js';
import { OwnUploads } from './own-uploads.js';
import type { UploadIntent } from './upload-intent.js';
import type { UploadJob } from './upload-job.js';
import type { UploadQueue } from './upload-queue.js';

const OUTCOME = { bytes: 1, size: 1, digest: null, at: 1 };

function intent(id: string): UploadIntent {
  const about = { instance: 'i', user: 'anna', path: '/a.csv', backend: 'folder' };
  return { id, ...about, bytes: 1, size: 1, at: 1, attributes: {}, content: null };
}

/** A store of which each call can be made to wait or to fail. */
class Store implements IntentStore {
  readonly notes = new Map<string, UploadIntent>();
  fails = false;
  gate: Promise<void> = Promise.resolve();

  async put(one: UploadIntent): Promise<void> {
    await this.gate;
    if (this.fails) throw new Error('away');
    this.notes.set(one.id, one);
  }

  async remove({ id }: Pick<UploadIntent, 'id'>): Promise<void> {
    if (this.fails) throw new Error('away');
    this.notes.delete(id);
  }

  async open(): Promise<void> {}
  async close(): Promise<void> {}
  async *abandoned(): AsyncIterable<UploadIntent> {}
  async keepAlive(): Promise<boolean> {
    return true;
  }
}

describe('OwnUploads', () => {
  let store: Store;
  let jobs: UploadJob[];
  let queueFails: boolean;
  let queueing: Promise<void>;
  let uploads: OwnUploads;

  beforeEach(() => {
    store = new Store();
    jobs = [];
    queueFails = false;
    queueing = Promise.resolve();
    const queue = {
      add: async (job: UploadJob) => {
        await queueing;
        if (queueFails) throw new Error('away');
        jobs.push(job);
      },
    };
    uploads = new OwnUploads(store, queue as unknown as UploadQueue);
  });

  const complete = (id: string) => uploads.complete(id, () => intent(id), OUTCOME);

  it('notes an upload down, queues it, and strikes it out', async () => {
    await uploads.begin(intent('a'));
    expect([...store.notes.keys()]).toEqual(['a']);
    await complete('a');
    expect(jobs.map(({ uploadId }) => uploadId)).toEqual(['a']);
    expect(store.notes.size).toBe(0);
    expect(uploads.waiting).toBe(0);
  });

  it('does not begin what cannot be noted down', async () => {
    store.fails = true;
    await expect(uploads.begin(intent('a'))).rejects.toThrow('away');
    await uploads.abort('a');
    expect(uploads.waiting).toBe(1);
    store.fails = false;
    await uploads.retry();
    expect(uploads.waiting).toBe(0);
    expect(jobs).toEqual([]);
  });

  it('notes the end of an upload down when it cannot be queued, and queues it later', async () => {
    await uploads.begin(intent('a'));
    queueFails = true;
    await complete('a');
    expect(store.notes.get('a')).toEqual({ ...intent('a'), outcome: OUTCOME });
    queueFails = false;
    await uploads.retry();
    expect(jobs).toHaveLength(1);
    expect(store.notes.size).toBe(0);
  });

  it('strikes out what ends before it is noted down, and not before', async () => {
    let open = (): void => undefined;
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    const begun = uploads.begin(intent('a'));
    const aborted = uploads.abort('a');
    open();
    await Promise.all([begun, aborted]);
    expect(store.notes.size).toBe(0);
    expect(uploads.waiting).toBe(0);
  });

  it('queues what is complete although it was never begun', async () => {
    await complete('a');
    expect(jobs).toHaveLength(1);
  });

  it('notes down anew what others have struck out, but not what is over', async () => {
    await uploads.begin(intent('a'));
    await uploads.begin(intent('b'));
    await uploads.abort('b');
    store.notes.clear();
    await uploads.restore();
    expect([...store.notes.keys()]).toEqual(['a']);
  });

  describe('an answer to a client', () => {
    const acknowledge = (id: string) => uploads.acknowledge(id, OUTCOME);
    const noted = (id: string) => store.notes.get(id)?.outcome;

    beforeEach(() => uploads.begin(intent('a')));

    it('waits for the job', async () => {
      const completed = complete('a');
      await acknowledge('a');
      expect(jobs).toHaveLength(1);
      await completed;
      await acknowledge('a');
    });

    it('waits no longer than until the end is noted down, when the job takes its time', async () => {
      let add = (): void => undefined;
      queueing = new Promise((resolve) => (add = resolve));
      const completed = complete('a');
      await acknowledge('a');
      expect(jobs).toEqual([]);
      expect(noted('a')).toEqual(OUTCOME);
      add();
      await completed;
      expect(jobs).toHaveLength(1);
      expect(store.notes.size).toBe(0);
    });

    it('is there before all is known of the upload, which is queued when it is', async () => {
      await acknowledge('a');
      expect(noted('a')).toEqual(OUTCOME);
      await uploads.retry();
      expect(jobs).toEqual([]);
      const digest = { algorithm: 'sha256', hex: '00' };
      await uploads.complete('a', () => intent('a'), { ...OUTCOME, digest });
      expect(jobs).toMatchObject([{ digest }]);
      expect(store.notes.size).toBe(0);
    });

    it('is refused when neither can be done, and the upload is queued later', async () => {
      queueFails = store.fails = true;
      await complete('a');
      await expect(acknowledge('a')).rejects.toThrow('away');
      queueFails = store.fails = false;
      await uploads.retry();
      expect(jobs).toHaveLength(1);
      await acknowledge('a');
    });
  });

  it('takes no more than it can hold', async () => {
    for (let index = 0; index < 10_000; index += 1) await uploads.begin(intent(String(index)));
    await expect(uploads.begin(intent('more'))).rejects.toThrow('Too many uploads');
    await uploads.abort('0');
    await uploads.begin(intent('more'));
  });
});
