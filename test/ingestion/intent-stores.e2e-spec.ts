import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { IntentStore } from '../../apps/gateway/src/ingestion/intent-store.js';
import { OutboxIntentStore } from '../../apps/gateway/src/ingestion/outbox-intent-store.js';
import { RedisIntentStore } from '../../apps/gateway/src/ingestion/redis-intent-store.js';
import { type UploadIntent, uploadId } from '../../apps/gateway/src/ingestion/upload-intent.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { Child, killChildren, ROOT } from '../smoke/child.js';

const LEASE = 60_000;

interface Lives {
  readonly store: IntentStore;
  readonly instance: string;
}

let errors: string[];
const log = { error: (message: string) => errors.push(message) };

function intent(instance: string, transfer: string): UploadIntent {
  return {
    id: uploadId(instance, transfer),
    instance,
    user: 'anna',
    path: `/in/${transfer}.csv`,
    backend: 'folder',
    bytes: 3,
    size: 3,
    at: 1_700_000_000_000,
    attributes: {},
    content: { kind: 'folder', root: '/srv', path: `/in/${transfer}.csv` },
  };
}

async function abandoned(store: IntentStore): Promise<UploadIntent[]> {
  const found: UploadIntent[] = [];
  for await (const one of store.abandoned()) found.push(one);
  return found.sort((one, other) => one.id.localeCompare(other.id));
}

beforeEach(() => {
  errors = [];
});

/** What holds for every store; `die` leaves a process's part of the store as SIGKILL would. */
function behavesAsStore(
  make: (instance: string) => IntentStore,
  die: (instance: string) => Promise<void>,
): void {
  async function living(): Promise<Lives> {
    const instance = randomUUID();
    const store = make(instance);
    await store.open();
    return { store, instance };
  }

  it('shows nothing of a process that lives', async () => {
    const one = await living();
    const other = await living();
    await one.store.put(intent(one.instance, 'a'));
    expect(await abandoned(other.store)).toEqual([]);
    expect(await abandoned(one.store)).toEqual([]);
  });

  it('shows what a process that is gone has left, and not what it has struck out', async () => {
    const gone = await living();
    const kept = { ...intent(gone.instance, 'kept'), attributes: { tenant: 'north/' } };
    const done = { bytes: 3, size: 9, digest: { algorithm: 'sha256', hex: '00' }, at: 1 };
    const ended = { ...intent(gone.instance, 'x:/y'), outcome: done };
    await gone.store.put(kept);
    await gone.store.put(intent(gone.instance, 'x:/y'));
    await gone.store.put(ended);
    await gone.store.put(intent(gone.instance, 'struck out'));
    await gone.store.remove(intent(gone.instance, 'struck out'));
    await die(gone.instance);

    const { store } = await living();
    expect(await abandoned(store)).toEqual([kept, ended]);
    // Until it is struck out.
    await store.remove(kept);
    expect(await abandoned(store)).toEqual([ended]);
    await store.remove(ended);
    expect(await abandoned(store)).toEqual([]);
    await store.remove(ended);
  });

  it('may be read by several at a time', async () => {
    const gone = await living();
    await gone.store.put(intent(gone.instance, 'a'));
    await die(gone.instance);
    const [one, other] = [await living(), await living()];
    const found = await Promise.all([abandoned(one.store), abandoned(other.store)]);
    expect(found.map((intents) => intents.length)).toEqual([1, 1]);
    await Promise.all(found.flat().map((left) => one.store.remove(left)));
    expect(await Promise.all([abandoned(one.store), abandoned(other.store)])).toEqual([[], []]);
  });

  it('tells a process that it was taken for gone, once', async () => {
    const { store, instance } = await living();
    expect(await store.keepAlive()).toBe(true);
    await die(instance);
    await abandoned((await living()).store);
    expect(await store.keepAlive()).toBe(false);
    expect(await store.keepAlive()).toBe(true);
    await store.put(intent(instance, 'a'));
    expect(await abandoned((await living()).store)).toEqual([]);
  });

  it('takes an end in order for what it is', async () => {
    const { store, instance } = await living();
    await store.put(intent(instance, 'a'));
    await store.remove(intent(instance, 'a'));
    await store.close();
    expect(await abandoned((await living()).store)).toEqual([]);
  });
}

describe('RedisIntentStore', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis({ path: server.path });
  });

  afterEach(() => redis.flushall());

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const make = (instance: string) => new RedisIntentStore(redis, instance, LEASE, log);

  behavesAsStore(make, async (instance) => {
    expect(await redis.del(`sftpd:ingestion:lease:${instance}`)).toBe(1);
  });

  it('gives what it cannot read another place, and tells', async () => {
    const gone = randomUUID();
    await make(gone).open();
    await redis.hset(`sftpd:ingestion:intents:${gone}`, 'x', '{"id":"x"}');
    await redis.del(`sftpd:ingestion:lease:${gone}`);
    const store = make(randomUUID());
    await store.open();
    expect(await abandoned(store)).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(await redis.hgetall('sftpd:ingestion:rejected')).toEqual({ x: '{"id":"x"}' });
    expect(await abandoned(store)).toEqual([]);
    expect(errors).toHaveLength(1);
  });

  it('keeps nothing of processes that left nothing', async () => {
    const gone = randomUUID();
    await make(gone).open();
    await redis.del(`sftpd:ingestion:lease:${gone}`);
    const own = randomUUID();
    const store = make(own);
    await store.open();
    await abandoned(store);
    expect(await redis.smembers('sftpd:ingestion:instances')).toEqual([own]);
    await store.close();
    expect(await redis.keys('*')).toEqual([]);
  });

  it('remembers that it was taken for gone when it has put something since', async () => {
    const instance = randomUUID();
    const store = make(instance);
    await store.open();
    await redis.flushall();
    await store.put(intent(instance, 'a'));
    expect(await store.keepAlive()).toBe(false);
  });
});

describe('OutboxIntentStore', () => {
  let directory: TempDir;

  beforeEach(async () => {
    directory = await makeTempDir();
  });

  afterEach(async () => {
    await killChildren();
    await directory.remove();
  });

  const make = (instance: string) => new OutboxIntentStore(directory.path, instance, LEASE, log);
  const ownerOf = (instance: string) => path.join(directory.path, instance, 'owner.lock');

  behavesAsStore(make, async (instance) => {
    const owner = JSON.parse(await readFile(ownerOf(instance), 'utf8')) as object;
    // Whoever had the number of this process before.
    await writeFile(ownerOf(instance), JSON.stringify({ ...owner, started: '1' }));
    await utimesLongAgo(ownerOf(instance));
  });

  it('takes a process for gone as soon as it is', async () => {
    const instance = randomUUID();
    const program = path.join(import.meta.dirname, 'support', 'outbox-program.mjs');
    const child = new Child([program, directory.path, instance], { cwd: ROOT });
    await child.output(/^open$/m);
    const store = make(randomUUID());
    await store.open();
    await make(instance).put(intent(instance, 'a'));
    expect(await abandoned(store)).toEqual([]);
    child.kill('SIGKILL');
    await child.ended;
    expect(await abandoned(store)).toEqual([intent(instance, 'a')]);
  });

  it('waits for the lease of a process that it cannot see', async () => {
    const elsewhere = randomUUID();
    await make(elsewhere).open();
    await make(elsewhere).put(intent(elsewhere, 'a'));
    const owner = { host: 'other', pid: 1, place: 'other', started: '1' };
    await writeFile(ownerOf(elsewhere), JSON.stringify(owner));
    const store = make(randomUUID());
    await store.open();
    expect(await abandoned(store)).toEqual([]);
    await utimesLongAgo(ownerOf(elsewhere));
    expect(await abandoned(store)).toEqual([intent(elsewhere, 'a')]);
  });

  it('gives what it cannot read another name, and tells', async () => {
    const gone = randomUUID();
    await make(gone).open();
    await writeFile(path.join(directory.path, gone, 'x.json'), '{"id":');
    await writeFile(ownerOf(gone), 'no JSON');
    const store = make(randomUUID());
    await store.open();
    expect(await abandoned(store)).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(await readdir(path.join(directory.path, gone))).toContain('x.json.rejected');
    expect(await abandoned(store)).toEqual([]);
    expect(errors).toHaveLength(1);
  });

  it('leaves nothing behind where nothing is left', async () => {
    const instance = randomUUID();
    const store = make(instance);
    await store.open();
    await store.put(intent(instance, 'a'));
    await store.remove(intent(instance, 'a'));
    await store.close();
    expect(await readdir(directory.path)).toEqual([]);
  });

  it('ignores what is not its own', async () => {
    await writeFile(path.join(directory.path, 'README'), 'hands off');
    const store = make(randomUUID());
    await store.open();
    expect(await abandoned(store)).toEqual([]);
    expect(await readFile(path.join(directory.path, 'README'), 'utf8')).toBe('hands off');
  });
});

async function utimesLongAgo(file: string): Promise<void> {
  const { utimes } = await import('node:fs/promises');
  const then = new Date(Date.now() - 2 * LEASE);
  await utimes(file, then, then);
}
