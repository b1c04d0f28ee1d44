import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { SlowUpload, WorkersGateway } from './support/workers-gateway.js';

jest.setTimeout(180_000);

let directory: string;
let gateway: WorkersGateway | undefined;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gateway-limits-'));
});
afterEach(async () => {
  gateway?.hangUp();
  await killChildren();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function start(env: NodeJS.ProcessEnv = {}): WorkersGateway {
  gateway = new WorkersGateway(directory, env);
  return gateway;
}

/** Takes all places there are. @returns the workers that serve them */
async function fill(by: WorkersGateway, places: number): Promise<number[]> {
  const workers = [];
  for (let n = 0; n < places; n++) workers.push((await by.logIn()).worker);
  expect(new Set(workers).size).toBe(2);
  return workers;
}

describe('limits of a gateway with workers', () => {
  it.each([
    ['SFTP_MAX_CONNECTIONS', 'maxSessions'],
    ['SFTP_MAX_CONNECTIONS_PER_IP', 'maxSessionsPerAddress'],
  ])(
    '%s holds for all of them, and a killed worker gives its places back',
    async (name, option) => {
      const running = start({ [name]: '5' });
      const workers = await fill(running, 5);
      await expect(running.connect({})).rejects.toThrow();
      await running.child.output(new RegExp(`5 are open [^\\n]*\\(option ${option}\\)`));

      const [killed = 0] = workers;
      const free = workers.filter((worker) => worker === killed).length;
      process.kill(killed, 'SIGKILL');
      await running.child.outputOnError(/has ended \(signal SIGKILL\)/);
      for (let n = 0; n < free; n++) await running.logIn();
      await expect(running.connect({})).rejects.toThrow();
    },
  );

  it('maxSessionsPerUser holds for all of them', async () => {
    const running = start({ SFTP_MAX_CONNECTIONS_PER_IP: '1000' });
    await fill(running, 100);
    await expect(running.connect({})).rejects.toThrow();
    await running.child.output(/100 sessions of this user are open \(option maxSessionsPerUser\)/);
  });

  it('a lockout counts the failures in all of them, and holds in all of them', async () => {
    const running = start();
    for (let n = 0; n < 20; n++) {
      await expect(running.connect({ password: 'wrong' })).rejects.toThrow();
    }
    for (let n = 0; n < 4; n++) await expect(running.connect({})).rejects.toThrow();
    const refusal = /was refused: too many log-ins from there have failed/;
    await running.child.output(refusal);
    const processes = /\[Nest\] (\d+) [^\n]*was refused by password/g;
    running.child.kill('SIGTERM');
    const { stderr, stdout } = await running.child.ended;
    const seen = [...(stdout + stderr).matchAll(processes)].map(([, worker]) => worker);
    expect(seen).toHaveLength(20);
    expect(new Set(seen).size).toBe(2);
  });
});

describe('health and metrics of a gateway with workers', () => {
  const completed = 'sftp_server_uploads_total{sftp_upload_outcome="completed"}';
  const received = 'sftp_server_io_total{network_io_direction="receive"}';

  it('are those of all workers, and no counter goes back when one is replaced', async () => {
    const running = start();
    const [one, two] = await running.logInToTwo();
    const ready = await running.get('/health/ready');
    expect(JSON.parse(ready.body)).toMatchObject({
      status: 'ok',
      details: { sftp: { status: 'up', workers: { wanted: 2, listening: 2 } } },
    });
    const before = await running.metric('sftp_server_active_sessions');
    expect(before).toBeGreaterThanOrEqual(2);
    for (const [n, served] of [one, two].entries()) {
      const upload = await SlowUpload.open(served, `/measured-${n}.bin`);
      await upload.write(Buffer.alloc(1000));
      await upload.close();
    }
    await running.untilMetric(completed, 2);
    await running.untilMetric(received, 2000);

    process.kill(one.worker, 'SIGKILL');
    await running.child.outputOnError(/has ended \(signal SIGKILL\)/);
    expect(await running.metric(completed)).toBe(2);
    expect(await running.metric(received)).toBe(2000);
    await running.untilMetric('sftp_server_active_sessions', 1);

    await running.untilReady();
    const next = await running.logInTo((worker) => worker !== two.worker);
    const upload = await SlowUpload.open(next, '/measured-2.bin');
    await upload.write(Buffer.alloc(500));
    await upload.close();
    await running.untilMetric(completed, 3);
    await running.untilMetric(received, 2500);
  });

  it('a worker that does not answer makes it unready, and does not hold metrics up', async () => {
    const running = start();
    const [one, two] = await running.logInToTwo();
    await running.untilMetric('sftp_server_active_sessions', 2);
    process.kill(one.worker, 'SIGSTOP');
    try {
      const ready = await running.get('/health/ready');
      expect([ready.status, JSON.parse(ready.body)]).toMatchObject([
        503,
        { details: { sftp: { workers: { wanted: 2, listening: 1 } } } },
      ]);
      expect((await running.get('/health/live')).status).toBe(200);
      const upload = await SlowUpload.open(two, '/beside.bin');
      await upload.close();
      await running.untilMetric(completed, 1);
      // What the silent one has told before.
      expect(await running.metric('sftp_server_active_sessions')).toBe(2);
    } finally {
      // It could not end either.
      process.kill(one.worker, 'SIGCONT');
    }
    await running.untilReady();
  });
});
