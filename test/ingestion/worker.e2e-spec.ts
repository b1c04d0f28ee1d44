import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Child, killChildren } from '../smoke/child.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { SeenQueue, startGateway, startWorker, Uploader } from './support/ingestion.js';

jest.setTimeout(60_000);

const SUMMARY = {
  rows: 2,
  columns: [
    { name: 'item', numbers: 0, sum: 0 },
    { name: 'price', numbers: 2, sum: 4.5 },
  ],
};
const CSV = 'item,price\napple,1.5\npear,3\n';

let directory: TempDir;
let server: RedisServer;
let queue: SeenQueue;
let client: Uploader | undefined;

beforeEach(async () => {
  directory = await makeTempDir();
  server = await RedisServer.start({ tcp: true });
  queue = new SeenQueue(server);
});

afterEach(async () => {
  client?.end();
  client = undefined;
  await killChildren();
  await queue.close();
  await server.stop();
  await directory.remove();
});

function worker(env: NodeJS.ProcessEnv = {}): Child {
  return startWorker({ REDIS_URL: server.url, ...env });
}

async function upload(file: string, content: string): Promise<void> {
  client ??= await Uploader.connect(startGateway(directory.path, { REDIS_URL: server.url }));
  await client.put(file, content);
}

/** The result of the only job, or why it has failed. */
async function outcome(): Promise<unknown> {
  const [job] = await queue.waitForJobs(1);
  return queue.result(job!);
}

describe('a worker', () => {
  it('summarises a CSV that was uploaded', async () => {
    worker();
    await upload('/prices.CSV', CSV);
    expect(await outcome()).toEqual(SUMMARY);
  });

  it('leaves other files alone', async () => {
    worker();
    await upload('/picture.png', 'not a table');
    expect(await outcome()).toEqual({ skipped: 'no CSV' });
  });

  it('gives a malformed CSV up at once, with the reason', async () => {
    const running = worker();
    await upload('/prices.csv', 'item,price\napple,1.5\npear\n');
    await expect(outcome()).rejects.toThrow(
      'Malformed CSV: record inconsistent fields length in line 3',
    );
    const [job] = await queue.jobs();
    expect(await job!.getState()).toBe('failed');
    expect(job!.attemptsMade).toBe(1);
    await running.output(/failed, attempt 1: "Malformed CSV/);
  });

  it('killed in the middle of a job leaves it to another', async () => {
    const first = worker({ HOLD: '1' });
    await upload('/prices.csv', CSV);
    await first.output(/^reading$/m);
    first.kill('SIGKILL');
    await first.ended;
    worker();
    expect(await outcome()).toEqual(SUMMARY);
  });

  it('that starts late does what was queued before', async () => {
    await upload('/prices.csv', CSV);
    await queue.waitForJobs(1);
    worker();
    expect(await outcome()).toEqual(SUMMARY);
  });

  it('reads no folder but its own when it has one', async () => {
    await upload('/prices.csv', CSV);
    worker({ INGEST_FOLDER_ROOT: path.join(directory.path, 'other') });
    await expect(outcome()).rejects.toThrow('The job names another folder than INGEST_FOLDER_ROOT');
  });

  it('follows no link out of the folder', async () => {
    const files = path.join(directory.path, 'files');
    await mkdir(files);
    await writeFile(path.join(directory.path, 'secret.csv'), CSV);
    await symlink(path.join(directory.path, 'secret.csv'), path.join(files, 'link.csv'));
    const running = worker();
    const content = { kind: 'folder', root: files, path: '/link.csv' };
    await queue.add({ uploadId: 'x', user: 'dev', path: '/link.csv', size: CSV.length, content });
    await running.output(/failed, attempt 1: /);
    const [job] = await queue.jobs();
    expect(job!.returnvalue).toBeNull();
  });

  it('gives up a job that is none', async () => {
    worker();
    await queue.add({ uploadId: 'x' });
    await expect(outcome()).rejects.toThrow('Malformed job: ');
  });

  it('ends in order', async () => {
    const running = worker();
    await running.output(/Waiting for uploads/);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0 });
  });
});
