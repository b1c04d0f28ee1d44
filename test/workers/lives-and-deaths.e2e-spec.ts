import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { killChildren } from '../smoke/child.js';
import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { ed25519KeyPair } from '../support/key-pair.js';
import { SftpByPassword } from '../support/openssh-client.js';
import { lives, SlowUpload, WorkersGateway } from './support/workers-gateway.js';

jest.setTimeout(120_000);

const [sftpProgram, sshpass] = [findProgram('sftp'), findProgram('sshpass')];

let directory: string;
let gateways: WorkersGateway[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gateway-workers-'));
});
afterEach(async () => {
  for (const gateway of gateways) gateway.hangUp();
  gateways = [];
  await killChildren();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function start(env: NodeJS.ProcessEnv = {}): WorkersGateway {
  const gateway = new WorkersGateway(directory, env);
  gateways.push(gateway);
  return gateway;
}

async function digestOf(file: string): Promise<string> {
  const content = await readFile(path.join(directory, 'files', file));
  return createHash('sha256').update(content).digest('hex');
}

describe('a gateway with workers', () => {
  it('tells once that it listens, and spreads its connections', async () => {
    const gateway = start({ SFTP_WORKERS: '3' });
    const seen = new Set<number>();
    while (seen.size < 3) seen.add((await gateway.logIn()).worker);
    gateway.child.kill('SIGTERM');
    const { code, stdout, stderr } = await gateway.child.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^SFTP server listening on 127\.0\.0\.1:\d+$/gm)).toHaveLength(1);
    expect(stdout.match(/^HTTP server listening on/gm)).toHaveLength(1);
    expect(stdout.match(/finishing running transfers/g)).toHaveLength(1);
    expect([...seen].some(lives)).toBe(false);
  });

  it('loses with a killed worker what that one served, and nothing else', async () => {
    const gateway = start();
    const [one, two] = await gateway.logInToTwo();
    const lost = await SlowUpload.open(one, '/lost.bin');
    const kept = await SlowUpload.open(two, '/kept.bin');
    const parts = Array.from({ length: 40 }, () => randomBytes(30_000));
    for (const part of parts.slice(0, 20)) await Promise.all([lost.write(part), kept.write(part)]);
    const hungUp = once(one.client, 'close');
    process.kill(one.worker, 'SIGKILL');
    await hungUp;
    for (const part of parts.slice(20)) await kept.write(part);
    await kept.close();
    const whole = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
    expect(await digestOf('kept.bin')).toBe(whole);

    await gateway.child.outputOnError(
      new RegExp(`Worker ${one.worker} has ended \\(signal SIGKILL\\); another one starts`),
    );
    const next = await gateway.logInTo((worker) => worker !== two.worker);
    expect(next.worker).not.toBe(one.worker);
    const upload = await SlowUpload.open(next, '/next.bin');
    await upload.write(Buffer.from('next'));
    await upload.close();
    expect(await readFile(path.join(directory, 'files', 'next.bin'), 'utf8')).toBe('next');
    await gateway.untilReady();
  });

  it('keeps its port when all workers are killed at once', async () => {
    const gateway = start();
    const [one, two] = await gateway.logInToTwo();
    for (const { worker } of [one, two]) process.kill(worker, 'SIGKILL');
    await gateway.untilReady();
    const [three, four] = await gateway.logInToTwo();
    expect(new Set([one, two, three, four].map(({ worker }) => worker)).size).toBe(4);
  });

  it('replaces a worker that was asked to end, which lets its transfer finish', async () => {
    const gateway = start({ SFTP_DRAIN_TIMEOUT: '100s' });
    const [one] = await gateway.logInToTwo();
    const upload = await SlowUpload.open(one, '/drained.bin');
    process.kill(one.worker, 'SIGTERM');
    while ((await gateway.get('/health/ready')).status === 200) await new Promise(setImmediate);
    await upload.write(Buffer.from('drained'));
    await upload.close();
    await gateway.child.outputOnError(new RegExp(`Worker ${one.worker} has ended \\(code 0\\)`));
    expect(await readFile(path.join(directory, 'files', 'drained.bin'), 'utf8')).toBe('drained');
    await gateway.untilReady();
  });

  it('lets transfers in all workers finish after SIGTERM, and ends with 0', async () => {
    const gateway = start({ SFTP_DRAIN_TIMEOUT: '100s' });
    const served = await gateway.logInToTwo();
    const uploads = await Promise.all(
      served.map((one, n) => SlowUpload.open(one, `/slow-${n}.bin`)),
    );
    gateway.child.kill('SIGTERM');
    await gateway.child.output(/SIGTERM: finishing running transfers/);
    const ready = await gateway.get('/health/ready');
    expect([ready.status, JSON.parse(ready.body)]).toMatchObject([
      503,
      { details: { sftp: { state: 'draining' } } },
    ]);
    for (const upload of uploads) {
      await upload.write(Buffer.from('slow'));
      await upload.close();
    }
    expect(await gateway.child.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    for (const n of [0, 1]) {
      expect(await readFile(path.join(directory, 'files', `slow-${n}.bin`), 'utf8')).toBe('slow');
    }
  });

  it('ends with 0 when the drain timeout is over, whatever still runs', async () => {
    const gateway = start({ SFTP_DRAIN_TIMEOUT: '200ms' });
    for (const one of await gateway.logInToTwo()) await SlowUpload.open(one, '/endless.bin');
    gateway.child.kill('SIGTERM');
    expect(await gateway.child.ended).toMatchObject({ code: 0, signal: null });
  });

  it('ends at once with 1 on a second signal, and its workers with it', async () => {
    const gateway = start({ SFTP_DRAIN_TIMEOUT: '100s' });
    const [one, two] = await gateway.logInToTwo();
    await SlowUpload.open(one, '/endless.bin');
    await SlowUpload.open(two, '/endless-too.bin');
    gateway.child.kill('SIGINT');
    await gateway.child.output(/SIGINT: finishing running transfers/);
    gateway.child.kill('SIGINT');
    expect(await gateway.child.ended).toMatchObject({ code: 1, signal: null });
  });

  it('leaves no worker behind when its primary is killed; they finish what they do', async () => {
    const gateway = start({ SFTP_DRAIN_TIMEOUT: '100s' });
    const [one, two] = await gateway.logInToTwo();
    const upload = await SlowUpload.open(one, '/orphan.bin');
    gateway.child.kill('SIGKILL');
    // Nothing runs in the other one.
    await once(two.client, 'close');
    await upload.write(Buffer.from('orphan'));
    await upload.close();
    // The end of all who can write to its output.
    expect(await gateway.child.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(await readFile(path.join(directory, 'files', 'orphan.bin'), 'utf8')).toBe('orphan');
  });

  it('shows new host keys in all workers after SIGHUP', async () => {
    const keys = path.join(directory, 'other-keys');
    const file = path.join(keys, 'key');
    const [first, second] = [ed25519KeyPair(), ed25519KeyPair()];
    const publicPart = (line: string): string => line.split(' ')[1] ?? '';
    await mkdir(keys, { mode: 0o700 });
    await writeFile(file, first.private, { mode: 0o600 });
    const gateway = start({ SFTP_HOST_KEY_DIR: keys });
    const keysOf = async (): Promise<Map<number, string>> => {
      const shown = new Map<number, string>();
      while (shown.size < 2) {
        let key = '';
        const hostVerifier = (one: Buffer): boolean => (key = one.toString('base64')) !== '';
        const { worker } = await gateway.logIn({ hostVerifier });
        shown.set(worker, key);
      }
      return shown;
    };
    expect(new Set((await keysOf()).values())).toEqual(new Set([publicPart(first.public)]));
    await writeFile(file, second.private);
    gateway.child.kill('SIGHUP');
    await gateway.child.output(/(?:[^]*?Host keys for new connections: ssh-ed25519){2}/);
    expect(new Set((await keysOf()).values())).toEqual(new Set([publicPart(second.public)]));
  });
});

whereUsable('sftp of OpenSSH', [sftpProgram, sshpass], (reasonToSkip) => {
  (reasonToSkip === undefined ? it : it.skip)(
    'uploads whole files through any worker, while others are killed',
    async () => {
      const gateway = start();
      const port = await gateway.sftpPort();
      const content = randomBytes(8_000_003);
      await writeFile(path.join(directory, 'sent.bin'), content);
      const sftp = new SftpByPassword(programOf(sshpass), programOf(sftpProgram), port, directory);
      const [one] = await gateway.logInToTwo();
      for (const n of [0, 1, 2, 3]) {
        await sftp.ok(`put sent.bin /whole-${n}.bin`);
        if (n === 1) process.kill(one.worker, 'SIGKILL');
        if (n === 1) await gateway.untilReady();
      }
      const whole = createHash('sha256').update(content).digest('hex');
      for (const n of [0, 1, 2, 3]) expect(await digestOf(`whole-${n}.bin`)).toBe(whole);
    },
  );
});

describe('a gateway whose workers cannot start', () => {
  it.each(['SFTP_PORT', 'HTTP_PORT'])(
    'tells once that %s is in use, and ends with 1',
    async (name) => {
      const other = net.createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const port = String((other.address() as net.AddressInfo).port);
      const { child } = start({ [name]: port });
      const { code, stdout, stderr } = await child.ended;
      other.close();
      expect(code).toBe(1);
      expect(stdout).not.toContain('SFTP server listening');
      expect(stderr).toMatch(
        new RegExp(
          `^The gateway could not start: ${name}: ${port} on [^\\n]* (in use|cannot)[^\\n]*\\n$`,
        ),
      );
    },
  );

  it('is told by the primary that memory cannot be shared', async () => {
    const { child } = start({ SFTP_BACKEND: 'memory', SFTP_FOLDER_ROOT: '' });
    expect(await child.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'SFTP_WORKERS is 2, but each worker would have files of its own in memory: set SFTP_BACKEND to folder or s3, or SFTP_WORKERS to 1\n',
    });
  });
});
