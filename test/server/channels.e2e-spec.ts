import { once } from 'node:events';
import { connect } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { exists, putFile } from '../support/raw-files.js';
import { close, open, opendir, read, readdir, stat, write } from '../support/raw-requests.js';
import { type RawConnection, type RawServer, startRawServer } from '../support/raw-server.js';
import { outcomeOf } from '../support/raw-sftp-client.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';
import { announcePacketSize, protocolOf } from './support/client-internals.js';
import { attempt, logIn, serveOne, tryLogIn, untilClosed } from './support/log-in.js';
import { Gate, never, watched } from './support/watched-backend.js';

const CREATE = FXF.READ | FXF.WRITE | FXF.CREAT;

/** What the server answers to a command, with the channel that was opened for it. */
function refusedCommand(connection: RawConnection): Promise<string> {
  return within(
    new Promise<string>((resolve) => {
      connection.ssh.exec('id', (error) => {
        resolve(error?.message ?? 'granted');
      });
    }),
    'the refusal of a command',
  );
}

describe('the channels of a connection', () => {
  let server: RawServer;
  const storage = watched(new MemoryBackend());

  beforeAll(async () => {
    server = await startRawServer({ backend: storage.backend, options: { maxChannels: 3 } });
  });

  afterEach(() => serveOne(server.port));
  afterAll(() => server.stop());

  it('more than maxChannels are refused, and one that ends makes room', async () => {
    const connection = await logIn({ port: server.port });
    const channels = [];
    for (let n = 0; n < 3; n++) channels.push(await connection.channel());
    await expect(connection.channel()).rejects.toThrow(/open failure/i);
    for (const channel of channels) {
      await channel.init();
      await channel.alive();
    }
    await channels[0]?.destroy();
    const next = await connection.channel();
    await next.init();
    await next.alive();
    await connection.end();
  });

  it('a hundred sessions without a subsystem leave nothing behind', async () => {
    const connection = await logIn({ port: server.port });
    const protocol = protocolOf(connection.ssh);
    const exec = protocol.exec.bind(protocol);
    let peerChannel = -1;
    protocol.exec = (channel, command, wantReply) => {
      peerChannel = channel;
      exec(channel, command, wantReply);
    };
    const beside = await connection.channel();
    await beside.init();
    for (let n = 0; n < 100; n++) {
      expect(await refusedCommand(connection)).toBe('Unable to exec');
      // ssh2's client does not close a channel on which nothing was granted.
      protocol.channelClose(peerChannel);
      await beside.alive();
    }
    const last = await connection.channel();
    await last.init();
    await last.alive();
    await connection.end();
  });

  it('a channel that is dropped in the middle of an upload aborts it once', async () => {
    const connection = await logIn({ port: server.port });
    const channel = await connection.channel();
    await channel.init();
    const { ledger } = storage;
    const before = { closed: ledger.closed, aborted: ledger.aborted };
    const handle = await channel.handle(open('/dropped', CREATE));
    for (let n = 0; n < 40; n++) channel.post(write(handle, n * 30_000, Buffer.alloc(30_000)));
    await channel.destroy();
    await ledger.until(({ aborted }) => aborted > before.aborted, 'the abort of the upload');
    const next = await connection.channel();
    await next.init();
    await next.alive();
    expect(ledger.aborted).toBe(before.aborted + 1);
    expect(ledger.closed).toBe(before.closed);
    await connection.end();
  });

  // Sending to such a peer keeps the process busy: for ever with 0, for seconds with a few bytes.
  it.each([0, 1, 64, 1023])(
    'a peer that takes packets of %i bytes is not served',
    async (bytes) => {
      const { client, outcome } = attempt({ port: server.port, password: 'dev' });
      expect(await outcome).toBe('logged in');
      announcePacketSize(client, bytes);
      let answer = 0;
      const ended = new Promise<void>((resolve) => {
        client.subsys('sftp', (error, channel) => {
          if (error) resolve();
          else {
            channel.once('close', resolve).on('data', (chunk: Buffer) => (answer += chunk.length));
            channel.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
          }
        });
      });
      await within(ended, `the end of a channel with packets of ${bytes} bytes`);
      expect(answer).toBe(0);
      await serveOne(server.port);
      client.destroy();
    },
  );

  it('a peer that takes packets of 1024 bytes is served', async () => {
    const connection = await logIn({ port: server.port });
    announcePacketSize(connection.ssh, 1024);
    const channel = await connection.channel();
    await channel.init();
    await channel.alive();
    await connection.end();
  });
});

describe('how many connections there may be', () => {
  it.each([
    ['maxSessions', { maxSessions: 3 }],
    ['maxSessionsPerAddress', { maxSessionsPerAddress: 3 }],
  ])('%s', async (name, options) => {
    const server = await startRawServer({ options });
    const { port } = server;
    const guests = [await logIn({ port }), await logIn({ port }), await logIn({ port })];
    expect(await tryLogIn({ port, password: 'dev' })).not.toBe('logged in');
    expect(server.log.some(({ text }) => text.includes(`option ${name}`))).toBe(true);
    for (const guest of guests) {
      const sftp = await guest.channel();
      await sftp.init();
      await sftp.alive();
    }
    await guests[0]?.end();
    await serveOne(port);
    await server.stop();
  });
});

describe('idleTimeout', () => {
  let server: RawServer;
  const storage = watched(new MemoryBackend());

  beforeAll(async () => {
    server = await startRawServer({ backend: storage.backend, options: { idleTimeout: 400 } });
  });
  beforeEach(() => {
    delete storage.gates.beforeWrite;
  });
  afterAll(() => server.stop());

  it('cuts a client without a channel, and one with a handle that it does not use', async () => {
    const bare = await logIn({ port: server.port });
    const busy = await logIn({ port: server.port });
    const closed = Promise.all([untilClosed(bare.ssh, 'idle'), untilClosed(busy.ssh, 'idle')]);
    const sftp = await busy.channel();
    await sftp.init();
    await sftp.handle(open('/f', CREATE));
    await closed;
    expect(server.log.filter(({ text }) => text.includes('option idleTimeout'))).toHaveLength(2);
  });

  it.each([
    ['is idle', false],
    ['has sent a packet that is wrong', true],
  ])('a client that %s makes room even when it does not close its side', async (_title, wrong) => {
    const small = await startRawServer({ options: { idleTimeout: 400, maxSessions: 1 } });
    const { port } = small;
    const sock = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const letGo = sock.destroy.bind(sock);
    const goodbye = once(sock, 'end');
    try {
      sock.end = () => sock;
      sock.destroy = () => sock;
      expect(await attempt({ sock, password: 'dev' }).outcome).toBe('logged in');
      if (wrong) sock.write(Buffer.alloc(512, 7));
      await within(goodbye, 'the goodbye of the server');
      const deadline = performance.now() + 7_000;
      let outcome = '';
      while (outcome !== 'logged in' && performance.now() < deadline) {
        outcome = await tryLogIn({ port, password: 'dev' });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(outcome).toBe('logged in');
    } finally {
      letGo();
      await small.stop();
    }
  });

  it('spares a client whose backend is at work, and one whose transfer runs', async () => {
    const gate = new Gate();
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/g', CREATE));
    storage.gates.beforeWrite = gate.pass;
    const waiting = sftp.ok(write(handle, 0, 'slow'));
    // Meanwhile an idle client that came later is cut twice over.
    for (let n = 0; n < 2; n++) {
      const idle = await logIn({ port: server.port });
      await untilClosed(idle.ssh, 'an idle client');
    }
    gate.open();
    await waiting;
    delete storage.gates.beforeWrite;
    const idle = await logIn({ port: server.port });
    const seen = { gone: false };
    const cut = untilClosed(idle.ssh, 'an idle client').then(() => (seen.gone = true));
    for (let n = 0; !seen.gone; n++) await sftp.ok(write(handle, n, 'x'));
    await cut;
    await sftp.ok(close(handle));
    await connection.end();
  });
});

describe('a backend that never settles', () => {
  it('costs its own request: FAILURE in its time, and the channel goes on', async () => {
    const backend = new MemoryBackend();
    const { gates } = watched(backend);
    const server = await startRawServer({
      backend,
      options: { openTimeout: 150, closeTimeout: 200, requestTimeout: 250 },
    });
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/ok', 'content');
    const handle = await sftp.handle(open('/ok', CREATE));
    const other = await sftp.handle(open('/other', CREATE));
    const timed = async (request: ReturnType<typeof stat>, least: number): Promise<void> => {
      const started = performance.now();
      expect(await sftp.outcome(request)).toBe('FAILURE');
      expect(performance.now() - started).toBeGreaterThan(least - 20);
      await sftp.alive();
    };
    gates.beforeOpen = gates.beforeRead = gates.beforeWrite = gates.beforeClose = never;
    await timed(open('/f', CREATE), 150);
    await timed(read(handle, 0, 10), 250);
    await timed(write(handle, 0, 'x'), 250);
    await timed(close(other), 200);
    const { fileInfo, linkInfo } = backend;
    backend.fileInfo = backend.linkInfo = never as never;
    await timed(stat('/ok'), 250);
    Object.assign(backend, { fileInfo, linkInfo });
    backend.listDir = never as never;
    await timed(opendir('/'), 150);
    backend.listDir = async function* () {
      // More than the first page, which OPENDIR may make.
      for (let n = 0; n < 5000; n++) {
        yield { name: `entry-${n}`, info: { type: 'regular', size: 0 } };
      }
      await never();
    } as never;
    const listing = await sftp.handle(opendir('/'));
    let page = await sftp.request(readdir(listing));
    while (page.kind === 'NAME') page = await sftp.request(readdir(listing));
    expect(outcomeOf(page)).toBe('FAILURE');
    gates.beforeOpen = gates.beforeRead = gates.beforeWrite = gates.beforeClose = async () => {};
    await putFile(sftp, '/after', 'x');
    expect(await exists(sftp, '/nothing')).toBe(false);
    await connection.end();
    await server.stop();
  });
});
