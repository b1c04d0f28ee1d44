// The built gateway with less patience, and with moments at which it kills itself: KILL_AT is
// `noted` (the upload is noted down, and not stored), `stored` (it is stored, and has no job) or
// `queued` (it has a job, and is still noted down). With PAUSE it says `queueing` before it adds a job, and waits for
// SIGUSR2.
import 'reflect-metadata';
import { once } from 'node:events';

const dist = new URL('../../../dist/apps/gateway/', import.meta.url);
const load = (file) => import(new URL(file, dist));
const { readEnvironment } = await load('environment.js');
const { runGateway } = await load('gateway.js');
const { RedisIntentStore } = await load('ingestion/redis-intent-store.js');
const { OutboxIntentStore } = await load('ingestion/outbox-intent-store.js');
const { UploadQueue } = await load('ingestion/upload-queue.js');

const { KILL_AT, PAUSE } = process.env;

function die() {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

function around(type, method, { before, after }) {
  const original = type.prototype[method];
  type.prototype[method] = async function (...args) {
    if (before) await before();
    const value = await original.apply(this, args);
    if (after) await after();
    return value;
  };
}

if (KILL_AT === 'noted') {
  for (const store of [RedisIntentStore, OutboxIntentStore]) around(store, 'put', { after: die });
}
if (KILL_AT === 'stored') around(UploadQueue, 'add', { before: die });
if (PAUSE) {
  const continued = once(process, 'SIGUSR2');
  const before = () => {
    process.stdout.write('queueing\n');
    return continued;
  };
  around(UploadQueue, 'add', { before });
}
if (KILL_AT === 'queued') around(UploadQueue, 'add', { after: die });

const config = readEnvironment(process.env);
const timing = { heartbeat: 200, lease: 1000, replay: 200, redis: 1000, end: 2000 };
await runGateway({ ...config, ingestion: { ...config.ingestion, timing } });
