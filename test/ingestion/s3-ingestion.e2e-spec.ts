import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { killChildren } from '../smoke/child.js';
import { type CephStore, startCeph } from '../support/ceph/ceph-store.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { SeenQueue, startGateway, startWorker, Uploader } from './support/ingestion.js';

jest.setTimeout(120_000);

let directory: TempDir;
let store: CephStore;
let server: RedisServer;
let queue: SeenQueue;

beforeAll(async () => {
  directory = await makeTempDir();
  store = await startCeph();
  server = await RedisServer.start({ tcp: true });
  queue = new SeenQueue(server);
});

afterEach(killChildren);

afterAll(async () => {
  await queue.close();
  await server.stop();
  await store.stop();
  await directory.remove();
});

it('an upload below the prefix of a session is found again after a kill, and read by a worker', async () => {
  const users = path.join(directory.path, 'users.json');
  const attributes = { tenant: 'north', token: 'hunter2' };
  await writeFile(users, JSON.stringify([{ username: 'dev', password: 'dev', attributes }]));
  const bucket = await store.bucket();
  const access = {
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    S3_ENDPOINT: store.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    REDIS_URL: server.url,
  };
  const env = {
    ...access,
    SFTP_BACKEND: 's3',
    SFTP_FOLDER_ROOT: '',
    SFTP_USERS_FILE: users,
    S3_BUCKET: bucket,
    S3_PREFIX: 'session:tenant',
  };
  const first = startGateway(directory.path, { ...env, KILL_AT: 'stored' });
  const client = await Uploader.connect(first);
  await client.put('/prices.csv', 'price\n1\n2\n').catch(() => undefined);
  expect((await first.ended).signal).toBe('SIGKILL');
  client.end();

  const next = startGateway(directory.path, env);
  await next.output(/Replayed upload/);
  const [job] = await queue.waitForJobs(1);
  expect(job!.data).toMatchObject({
    path: '/prices.csv',
    content: { kind: 's3', bucket, key: 'north/prices.csv' },
  });
  expect(JSON.stringify(job!.data)).not.toContain('hunter2');
  startWorker(access);
  expect(await queue.result(job!)).toEqual({
    rows: 2,
    columns: [{ name: 'price', numbers: 2, sum: 3 }],
  });
});
