import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { SeenQueue } from '../ingestion/support/ingestion.js';
import { tryLogIn } from '../server/support/log-in.js';
import { killChildren } from '../smoke/child.js';
import { findProgram, whereUsable } from '../support/client-tools.js';
import { startHaProxy } from '../support/haproxy/haproxy.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { SlowUpload, WorkersGateway } from './support/workers-gateway.js';

jest.setTimeout(120_000);

const haproxy = findProgram('haproxy');

let directory: string;
let redis: RedisServer;
let queue: SeenQueue;
let gateways: WorkersGateway[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gateway-replicas-'));
  redis = await RedisServer.stopped({ tcp: true, durable: true });
  queue = new SeenQueue(redis);
  gateways = [];
});
afterEach(async () => {
  for (const gateway of gateways) gateway.hangUp();
  await killChildren();
  await queue.close();
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
});

function start(env: NodeJS.ProcessEnv = {}): WorkersGateway {
  const gateway = new WorkersGateway(directory, { REDIS_URL: redis.url, ...env });
  gateways.push(gateway);
  return gateway;
}

describe('uploads through several workers', () => {
  it('have one job each, also those of a worker that was killed before it could queue them', async () => {
    const gateway = start({ SFTP_OUTBOX_DIR: path.join(directory, 'outbox') });
    const [one, two] = await gateway.logInToTwo();
    for (const [name, served] of [
      ['/lost.csv', one],
      ['/kept.csv', two],
    ] as const) {
      const upload = await SlowUpload.open(served, name);
      await upload.write(Buffer.from('a,b\n1,2\n'));
      await upload.close();
    }
    process.kill(one.worker, 'SIGKILL');
    await gateway.child.outputOnError(/has ended \(signal SIGKILL\)/);
    await redis.start();
    await queue.waitForJobs(2);
    await gateway.untilReady();
    gateway.child.kill('SIGTERM');
    expect(await gateway.child.ended).toMatchObject({ code: 0 });
    expect(await queue.paths()).toEqual(['/kept.csv', '/lost.csv']);
  });
});

describe('gateways on one Redis', () => {
  it('share their lockouts, whichever worker has counted', async () => {
    await redis.start();
    const [one, two] = [start(), start({ SFTP_WORKERS: '1' })];
    const [first, second] = [await one.sftpPort(), await two.sftpPort()];
    for (let n = 0; n < 20; n++) {
      const outcome = await tryLogIn({ port: n % 2 ? first : second, password: 'wrong' });
      expect(outcome).toContain('authentication methods failed');
    }
    for (const port of [first, second, first]) {
      expect(await tryLogIn({ port, password: 'dev' })).not.toBe('logged in');
    }
    await two.child.output(/was refused: too many log-ins from there have failed/);
  });
});

whereUsable('haproxy', [haproxy], (reasonToSkip) => {
  (reasonToSkip === undefined ? it : it.skip)(
    'tells workers the address by the PROXY protocol, and nobody comes without it',
    async () => {
      const gateway = start({ REDIS_URL: '', SFTP_TRUSTED_PROXIES: '10.9.9.9,127.0.0.0/8' });
      const port = await gateway.sftpPort();
      const balancer = await startHaProxy(port, 'send-proxy-v2');
      try {
        for (let n = 0; n < 4; n++) {
          expect(await tryLogIn({ port: balancer.port, password: 'dev' })).toBe('logged in');
        }
        expect(await tryLogIn({ port, password: 'dev' })).not.toBe('logged in');
        await gateway.child.output(/\(option proxyProtocol\)/);
      } finally {
        await balancer.stop();
      }
    },
  );
});
