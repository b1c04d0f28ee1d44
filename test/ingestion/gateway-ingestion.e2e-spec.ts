import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Child, killChildren } from '../smoke/child.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { SeenQueue, startGateway, Uploader } from './support/ingestion.js';

jest.setTimeout(60_000);

const CSV = 'a,b\n1,2\n3,4\n';
const NOT_TAKEN = 'Uploads are not taken now, as they could not be processed; try again later';
const NOT_PROMISED =
  'The file is stored, but it cannot be promised that it is processed; upload it again later';
const REDIS_IS_GONE = /Redis cannot be reached/;

let directory: TempDir;
let server: RedisServer;
let queue: SeenQueue;
let clients: Uploader[];

beforeEach(async () => {
  directory = await makeTempDir();
  server = await RedisServer.stopped({ tcp: true, durable: true });
  queue = new SeenQueue(server);
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.end();
  await killChildren();
  server.thaw();
  await queue.close();
  await server.stop();
  await directory.remove();
});

function gateway(env: NodeJS.ProcessEnv = {}): Child {
  return startGateway(directory.path, { REDIS_URL: server.url, ...env });
}

async function connect(to: Child): Promise<Uploader> {
  const client = await Uploader.connect(to);
  clients.push(client);
  return client;
}

function stored(file: string): Promise<string> {
  return readFile(path.join(directory.path, 'files', file), 'utf8');
}

async function killed(child: Child): Promise<void> {
  expect((await child.ended).signal).toBe('SIGKILL');
}

/** Ends a gateway in order. */
async function stopped(child: Child): Promise<void> {
  child.kill('SIGTERM');
  const { code, stderr } = await child.ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

describe('an upload', () => {
  it('becomes a job when it is stored, and is noted down no longer', async () => {
    await server.start();
    const running = gateway();
    const client = await connect(running);
    await client.put('/in.csv', CSV);
    const [job] = await queue.waitForJobs(1);
    const { uploadId, completedAt, ...data } = job!.data;
    expect(data).toEqual({
      user: 'dev',
      path: '/in.csv',
      backend: 'folder',
      bytes: CSV.length,
      size: CSV.length,
      digest: { algorithm: 'sha256', hex: createHash('sha256').update(CSV).digest('hex') },
      content: { kind: 'folder', root: path.join(directory.path, 'files'), path: '/in.csv' },
    });
    expect(job!.id).toBe(uploadId);
    expect(Date.now() - Date.parse(completedAt)).toBeLessThan(60_000);
    expect(job!.opts).toMatchObject({ attempts: 5, backoff: { type: 'exponential', delay: 1000 } });
    await stopped(running);
    expect(await queue.noted()).toBe(0);
  });

  it('becomes a job each time it comes', async () => {
    await server.start();
    const client = await connect(gateway());
    for (const file of ['/a.csv', '/b.csv', '/a.csv']) await client.put(file, CSV);
    await queue.waitForJobs(3);
    expect(await queue.paths()).toEqual(['/a.csv', '/a.csv', '/b.csv']);
  });
});

describe('without an outbox', () => {
  it('Redis down at the start: the gateway starts, refuses uploads, and takes them when Redis is there', async () => {
    const running = gateway();
    const client = await connect(running);
    await running.output(REDIS_IS_GONE);
    await expect(client.put('/no.csv', CSV)).rejects.toThrow(NOT_TAKEN);
    await server.start();
    await running.output(/Redis is there/);
    await client.put('/yes.csv', CSV);
    await queue.waitForJobs(1);
    expect(await queue.paths()).toEqual(['/yes.csv']);
    await stopped(running);
    expect(await queue.noted()).toBe(0);
  });

  it('Redis down later: uploads are refused', async () => {
    await server.start();
    const running = gateway();
    const client = await connect(running);
    await client.put('/before.csv', CSV);
    await queue.waitForJobs(1);
    await server.kill();
    await expect(client.put('/no.csv', CSV)).rejects.toThrow(NOT_TAKEN);
    await server.start();
    await queue.waitForJobs(1);
    expect(await queue.paths()).toEqual(['/before.csv']);
  });

  it('Redis that does not answer: uploads are refused in time, and no job is left of them', async () => {
    await server.start();
    const running = gateway();
    const client = await connect(running);
    await client.put('/before.csv', CSV);
    await queue.waitForJobs(1);
    server.freeze();
    await expect(client.put('/no.csv', CSV)).rejects.toThrow(NOT_TAKEN);
    server.thaw();
    await stopped(running);
    const next = gateway();
    await (await connect(next)).put('/after.csv', CSV);
    await queue.waitForJobs(2);
    expect(await queue.paths()).toEqual(['/after.csv', '/before.csv']);
    // A note is struck out after its job was added.
    await stopped(next);
    expect(await queue.noted()).toBe(0);
  });

  it('Redis that goes between the commit and the answer: the client is told, and the job comes', async () => {
    await server.start();
    const running = gateway({ PAUSE: '1' });
    const put = (await connect(running)).put('/a.csv', CSV);
    await running.output(/^queueing$/m);
    server.freeze();
    await expect(put).rejects.toThrow(NOT_PROMISED);
    await running.output(/"dev" was not told that "\/a\.csv" is stored/);
    expect(await stored('a.csv')).toBe(CSV);
    server.thaw();
    running.kill('SIGUSR2');
    await queue.waitForJobs(1);
    await stopped(running);
    expect(await queue.noted()).toBe(0);
  });

  it('the end while Redis is away comes in time', async () => {
    const running = gateway();
    await connect(running);
    await stopped(running);
    await server.start();
    expect(await queue.noted()).toBe(0);
  });
});

describe('with an outbox', () => {
  const outbox = () => path.join(directory.path, 'outbox');
  const withOutbox = (env: NodeJS.ProcessEnv = {}) =>
    gateway({ SFTP_OUTBOX_DIR: outbox(), ...env });

  it('uploads are taken while Redis is away, and have their jobs when it is back', async () => {
    const running = withOutbox();
    const client = await connect(running);
    for (const file of ['/a.csv', '/b.csv']) await client.put(file, CSV);
    await server.start();
    const jobs = await queue.waitForJobs(2);
    expect(jobs.map(({ data }) => [data.path, data.digest?.algorithm])).toEqual([
      ['/a.csv', 'sha256'],
      ['/b.csv', 'sha256'],
    ]);
    await stopped(running);
    expect(await readdir(outbox())).toEqual([]);
  });

  it('they have them as well when the gateway is killed before, even if the file has another name now', async () => {
    const running = withOutbox();
    const client = await connect(running);
    await client.put('/a.csv.part', CSV);
    await client.rename('/a.csv.part', '/a.csv');
    running.kill('SIGKILL');
    await killed(running);
    await server.start();
    const next = withOutbox();
    await next.output(/Replayed upload/);
    const [job] = await queue.waitForJobs(1);
    expect(job!.data).toMatchObject({ path: '/a.csv.part', digest: { algorithm: 'sha256' } });
  });

  it('and when the gateway has ended in order before', async () => {
    const running = withOutbox();
    await (await connect(running)).put('/a.csv', CSV);
    await stopped(running);
    await server.start();
    withOutbox();
    const [job] = await queue.waitForJobs(1);
    expect(job!.data.path).toBe('/a.csv');
  });
});

describe.each([
  ['in Redis', (): NodeJS.ProcessEnv => ({})],
  [
    'in an outbox',
    (): NodeJS.ProcessEnv => ({ SFTP_OUTBOX_DIR: path.join(directory.path, 'outbox') }),
  ],
])('killed while uploads are noted down %s', (_where, env) => {
  beforeEach(() => server.start());

  it('after the note, before an atomic commit: there is no file, and no job', async () => {
    const atomic = { ...env(), SFTP_ATOMIC_UPLOADS: 'true' };
    const running = gateway({ ...atomic, KILL_AT: 'noted' });
    const client = await connect(running);
    await expect(client.put('/a.csv', CSV)).rejects.toThrow();
    await killed(running);
    await expect(stored('a.csv')).rejects.toThrow('ENOENT');
    const next = gateway(atomic);
    await next.output(/Dropped upload \S+ of "\/a\.csv" by "dev": the storage has no such file/);
    expect(await queue.paths()).toEqual([]);
    await stopped(next);
    expect(await queue.noted()).toBe(0);
  });

  it('after the note, over another file: the old one gets no job', async () => {
    const atomic = { ...env(), SFTP_ATOMIC_UPLOADS: 'true' };
    const first = gateway(atomic);
    await (await connect(first)).put('/a.csv', 'old');
    await queue.waitForJobs(1);
    await stopped(first);
    const running = gateway({ ...atomic, KILL_AT: 'noted' });
    await expect((await connect(running)).put('/a.csv', CSV)).rejects.toThrow();
    await killed(running);
    expect(await stored('a.csv')).toBe('old');
    const next = gateway(atomic);
    await next.output(/Dropped upload .* something else under its name/);
    expect(await queue.paths()).toEqual(['/a.csv']);
  });

  it('after the storage has the file: the next gateway queues it', async () => {
    const running = gateway({ ...env(), KILL_AT: 'stored' });
    // Whether the client still hears of its success is a matter of chance.
    await (await connect(running)).put('/a.csv', CSV).catch(() => undefined);
    await killed(running);
    expect(await stored('a.csv')).toBe(CSV);
    expect(await queue.paths()).toEqual([]);
    const next = gateway(env());
    await next.output(/Replayed upload \S+ of "\/a\.csv" by "dev"/);
    const [job] = await queue.waitForJobs(1);
    expect(job!.data).toMatchObject({ path: '/a.csv', size: CSV.length, digest: null });
    await stopped(next);
    expect(await queue.noted()).toBe(0);
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['renamed', (file) => rename(file, `${file}.done`)],
    ['removed', (file) => rm(file)],
    ['overwritten', (file) => writeFile(file, 'something else')],
  ])(
    'after its client was answered: a file that is %s before the replay has its job',
    async (_what, goOn) => {
      const running = gateway({ ...env(), PAUSE: '1' });
      await (await connect(running)).put('/a.csv', CSV);
      running.kill('SIGKILL');
      await killed(running);
      expect(await queue.paths()).toEqual([]);
      // As its client may at another gateway.
      await goOn(path.join(directory.path, 'files', 'a.csv'));
      const next = gateway(env());
      await next.output(/Replayed upload/);
      const [job] = await queue.waitForJobs(1);
      expect(job!.data).toMatchObject({ path: '/a.csv', bytes: CSV.length, size: CSV.length });
      await stopped(next);
      expect(await queue.noted()).toBe(0);
    },
  );

  it('after the job was added: the next gateway adds no other', async () => {
    const running = gateway({ ...env(), KILL_AT: 'queued' });
    await (await connect(running)).put('/a.csv', CSV).catch(() => undefined);
    await killed(running);
    const [job] = await queue.waitForJobs(1);
    const next = gateway(env());
    await next.output(/Replayed upload/);
    await stopped(next);
    expect((await queue.jobs()).map(({ id }) => id)).toEqual([job!.id]);
    expect(await queue.noted()).toBe(0);
  });

  it('another gateway that runs already queues it', async () => {
    const other = gateway(env());
    await connect(other);
    const running = gateway({ ...env(), KILL_AT: 'stored' });
    await (await connect(running)).put('/a.csv', CSV).catch(() => undefined);
    await killed(running);
    await other.output(/Replayed upload/);
    expect(await queue.paths()).toEqual(['/a.csv']);
  });
});

describe('Redis restarted', () => {
  beforeEach(() => server.start());

  it('with its data: what was noted down and queued is still there', async () => {
    const running = gateway({ KILL_AT: 'stored' });
    await (await connect(running)).put('/a.csv', CSV).catch(() => undefined);
    await killed(running);
    const live = gateway();
    await live.output(/Replayed upload/);
    await server.kill();
    await server.start();
    await live.output(/Redis is there[\s\S]*Redis is there/);
    await (await connect(live)).put('/b.csv', CSV);
    await queue.waitForJobs(2);
    expect(await queue.paths()).toEqual(['/a.csv', '/b.csv']);
  });

  it('without its data: an upload that is stored and has no job yet gets it nevertheless', async () => {
    const running = gateway({ PAUSE: '1' });
    await (await connect(running)).put('/a.csv', CSV);
    await running.output(/^queueing$/m);
    await server.destroy();
    running.kill('SIGUSR2');
    await running.output(/cannot be queued now/);
    await server.start();
    await queue.waitForJobs(1);
    await stopped(running);
    expect(await queue.paths()).toEqual(['/a.csv']);
    expect(await queue.noted()).toBe(0);
  });

  it('without its data: an upload that is noted down, and stored later, gets its job after a kill', async () => {
    const running = gateway({ PAUSE: '1' });
    await (await connect(running)).put('/a.csv', CSV);
    await running.output(/^queueing$/m);
    await server.destroy();
    await server.start();
    await running.output(/Redis is there[\s\S]*Redis is there/);
    // It is noted down anew.
    while ((await queue.noted()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill('SIGKILL');
    await killed(running);
    const next = gateway();
    await next.output(/Replayed upload/);
    expect(await queue.paths()).toEqual(['/a.csv']);
  });
});
