import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import ssh2, { type Client, type SFTPWrapper } from 'ssh2';

import { findProgram, programOf, whereUsable } from '../support/client-tools.js';
import { runOk } from '../support/run-program.js';
import { writeKeyPair } from '../support/test-keys.js';
import { killChildren } from './child.js';
import { HttpGateway, preload } from './support/http-gateway.js';

jest.setTimeout(60_000);

const sftpProgram = findProgram('sftp');

let directory: string;
const clients: Client[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gateway-http-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await killChildren();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function called<T>(call: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

async function sftpTo(port: number, password = 'dev'): Promise<SFTPWrapper> {
  const client = new ssh2.Client();
  clients.push(client);
  client.on('error', () => undefined);
  client.connect({ host: '127.0.0.1', port, username: 'dev', password });
  await once(client, 'ready');
  return called((done) => client.sftp(done));
}

function states(body: string): unknown {
  const { status, details } = JSON.parse(body) as { status: string; details: unknown };
  return { status, details };
}

describe('a gateway with HTTP_PORT', () => {
  it('is alive and ready when it says that it listens', async () => {
    const gateway = new HttpGateway(directory);
    await gateway.sftpPort();
    const live = await gateway.get('/health/live');
    expect([live.status, states(live.body)]).toEqual([200, { status: 'ok', details: {} }]);
    const ready = await gateway.get('/health/ready');
    expect([ready.status, states(ready.body)]).toEqual([
      200,
      { status: 'ok', details: { sftp: { status: 'up', state: 'listening', paused: false } } },
    ]);
    expect((await gateway.get('/elsewhere')).status).toBe(404);
  });

  it('is alive but not ready while a transfer drains, and ends with 0 after it', async () => {
    const gateway = new HttpGateway(directory, { SFTP_DRAIN_TIMEOUT: '50s' });
    const sftp = await sftpTo(await gateway.sftpPort());
    const handle = await called<Buffer>((done) => sftp.open('/slow.bin', 'w', done));
    gateway.child.kill('SIGTERM');
    await gateway.child.output(/SIGTERM: finishing running transfers/);
    const ready = await gateway.get('/health/ready');
    expect([ready.status, states(ready.body)]).toEqual([
      503,
      { status: 'error', details: { sftp: { status: 'down', state: 'draining', paused: false } } },
    ]);
    expect((await gateway.get('/health/live')).status).toBe(200);
    expect(await gateway.metric('sftp_server_active_sessions')).toBe(1);

    await called((done) => sftp.write(handle, Buffer.alloc(10), 0, 10, 0, done));
    await called((done) => sftp.close(handle, done));
    expect(await gateway.child.ended).toMatchObject({ code: 0, signal: null });
  });

  it('is not kept from its end by a client of HTTP that sends nothing', async () => {
    const gateway = new HttpGateway(directory);
    await gateway.sftpPort();
    const [, host = '', port = ''] = await gateway.child.output(
      /HTTP server listening on ([\d.]+):(\d+)/,
    );
    const socket = net.connect(Number(port), host).on('error', () => undefined);
    await once(socket, 'connect');
    gateway.child.kill('SIGTERM');
    expect(await gateway.child.ended).toMatchObject({ code: 0, signal: null });
    socket.destroy();
  });

  it('counts sessions, failures to log in and uploads that are cut off', async () => {
    const gateway = new HttpGateway(directory);
    const port = await gateway.sftpPort();
    await expect(sftpTo(port, 'wrong')).rejects.toThrow('authentication');
    expect(
      await gateway.metric('sftp_server_auth_failures_total{sftp_auth_method="password"}'),
    ).toBe(1);
    const sftp = await sftpTo(port);
    await called<Buffer>((done) => sftp.open('/cut.bin', 'w', done));
    expect(await gateway.metric('sftp_server_active_sessions')).toBe(1);
    for (const client of clients) client.destroy();
    const aborted =
      'sftp_server_uploads_total{sftp_upload_outcome="aborted",error_type="disconnected"}';
    await gateway.untilMetric(aborted, 1);
    await gateway.untilMetric('sftp_server_active_sessions', 0);
  });

  it('writes nothing but JSON with LOG_FORMAT=json, whoever asks', async () => {
    const gateway = new HttpGateway(directory, { LOG_FORMAT: 'json', SFTP_DRAIN_TIMEOUT: '50s' });
    const sftp = await sftpTo(await gateway.sftpPort());
    const handle = await called<Buffer>((done) => sftp.open('/slow.bin', 'w', done));
    gateway.child.kill('SIGTERM');
    await gateway.child.output(/SIGTERM: finishing running transfers/);
    expect((await gateway.get('/health/ready')).status).toBe(503);
    await called((done) => sftp.close(handle, done));
    const { code, stdout, stderr } = await gateway.child.ended;
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages).toContainEqual(expect.stringMatching(/^HTTP server listening on /));
    expect(messages).toContainEqual(expect.stringMatching(/^\[\w+-\d+\] "dev" logged in by /));
  });

  it('names the port that is in use, and ends with 1', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const HTTP_PORT = String((other.address() as net.AddressInfo).port);
    const { code, stdout, stderr } = await new HttpGateway(directory, { HTTP_PORT }).child.ended;
    other.close();
    expect(code).toBe(1);
    expect(stdout).not.toContain('SFTP server listening');
    expect(stderr).toMatch(
      new RegExp(
        `^The gateway could not start: HTTP_PORT: ${HTTP_PORT} on [^\n]*EADDRINUSE[^\n]*\n$`,
      ),
    );
  });

  it.each(['x', '65536', '-1'])('is refused by name where that is %s', async (HTTP_PORT) => {
    const { code, stderr } = await new HttpGateway(directory, { HTTP_PORT }).child.ended;
    expect([code, stderr]).toEqual([
      1,
      `HTTP_PORT must be a whole number from 0 to 65535, not "${HTTP_PORT}"\n`,
    ]);
  });
});

describe('a gateway without HTTP_PORT', () => {
  it('binds one port, and loads nothing that serves or measures', async () => {
    const hooks = `export function resolve(name, context, next) {
      if (/^(express|@nestjs\\/(platform-express|terminus)|@opentelemetry\\/.*)$/.test(name)) {
        throw new Error('loads ' + name);
      }
      return next(name, context);
    }`;
    const counted = preload(`
      import { register } from 'node:module';
      import { Server } from 'node:net';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
      const listen = Server.prototype.listen;
      Server.prototype.listen = function (...rest) {
        console.log('binds a port');
        return listen.apply(this, rest);
      };`);
    const { child } = new HttpGateway(directory, { HTTP_PORT: '' }, counted);
    await child.output(/^SFTP server listening on /m);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await child.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^binds a port$/gm)).toHaveLength(1);
    expect(stdout).not.toContain('HTTP server');
  });
});

describe('a gateway whose tracing channels have subscribers that throw', () => {
  it('serves as if they did not', async () => {
    const names = ['connection', 'authentication', 'operation', 'server'];
    const throwing = preload(`
      import { subscribe } from 'node:diagnostics_channel';
      const heard = new Set();
      process.on('uncaughtException', ({ message }) => heard.add(message));
      process.on('exit', () => console.log('thrown: ' + [...heard].sort().join(' ')));
      for (const name of ${JSON.stringify(names)}) {
        for (const step of ['start', 'asyncEnd']) {
          subscribe('tracing:nestjs-sftpd:' + name + ':' + step, () => {
            throw new Error(name + '.' + step);
          });
        }
      }`);
    const { child } = new HttpGateway(directory, { HTTP_PORT: '' }, throwing);
    const port = Number((await child.output(/^SFTP server listening on \S+:(\d+)$/m))[1]);
    const sftp = await sftpTo(port);
    const content = randomBytes(300_000);
    await called((done) => sftp.writeFile('/a.bin', content, done));
    expect(await called<Buffer>((done) => sftp.readFile('/a.bin', done))).toEqual(content);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await child.ended;
    expect([code, stderr]).toEqual([0, '']);
    // What is thrown at the very end of the process, for the server's end, nobody hears of any more.
    const during = names.flatMap((name) => [`${name}.start`, `${name}.asyncEnd`]).slice(0, -1);
    const heard = /^thrown: (.*)$/m.exec(stdout)?.[1]?.split(' ');
    expect(heard).toEqual(expect.arrayContaining(during));
  });
});

whereUsable('the metrics of an upload by sftp', [sftpProgram], (reasonToSkip) => {
  (reasonToSkip === undefined ? it : it.skip)('metrics move with an upload by sftp', async () => {
    const key = await writeKeyPair(directory, 'id_ed25519');
    const SFTP_AUTHORIZED_KEYS = path.join(directory, 'authorized_keys');
    await writeFile(SFTP_AUTHORIZED_KEYS, `${key.publicLine}\n`);
    const gateway = new HttpGateway(directory, { SFTP_AUTHORIZED_KEYS });
    const port = await gateway.sftpPort();
    const received = 'sftp_server_io_total{network_io_direction="receive"}';
    const sent = 'sftp_server_io_total{network_io_direction="transmit"}';
    const completed = 'sftp_server_uploads_total{sftp_upload_outcome="completed"}';
    expect([await gateway.metric(received), await gateway.metric(completed)]).toEqual([0, 0]);

    const content = randomBytes(123_457);
    await writeFile(path.join(directory, 'sent.bin'), content);
    const options = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
    await runOk(
      programOf(sftpProgram),
      ['-F', 'none', ...options, '-i', key.file, '-P', String(port), '-b', '-', 'dev@127.0.0.1'],
      { home: directory, input: 'put sent.bin /in.bin\nget /in.bin back.bin\n' },
    );
    expect(await readFile(path.join(directory, 'back.bin'))).toEqual(content);
    expect(await gateway.metric(received)).toBe(content.length);
    expect(await gateway.metric(sent)).toBe(content.length);
    expect(await gateway.metric(completed)).toBe(1);
    expect(await gateway.metric('sftp_server_operations_total{sftp_operation="open"}')).toBe(2);
  });
});
