import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { type RawServer, startRawServer } from '../support/raw-server.js';
import { attempt, logIn, serveOne, untilClosed } from './support/log-in.js';
import { TcpPeer } from './support/tcp-peer.js';

/** A fault that no one has caught also fails the test under way, by the test runner's own listeners. */
const faults: unknown[] = [];
const note = (error: unknown): void => void faults.push(error);

describe('peers that speak no SSH, or half of it', () => {
  let server: RawServer;
  const peer = (): Promise<TcpPeer> => new TcpPeer(server.port).connected();

  beforeAll(async () => {
    process.on('uncaughtException', note).on('unhandledRejection', note);
    server = await startRawServer({
      options: { maxSessionsPerAddress: 300, maxPendingLogins: 600, loginTimeout: 2_000 },
    });
  });

  afterEach(async () => {
    await serveOne(server.port);
    expect(faults).toEqual([]);
  });

  afterAll(async () => {
    await server.stop();
    process.off('uncaughtException', note).off('unhandledRejection', note);
  });

  it.each([
    ['zeros', Buffer.alloc(100_000)],
    ['noise', Buffer.alloc(100_000, '\u0001\u00ff\u0080\u0007', 'latin1')],
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['SSH 1', 'SSH-1.5-old\r\n'],
    ['a version of 1 MB without an end', `SSH-2.0-${'x'.repeat(1_000_000)}`],
    ['a version that is no text', Buffer.from('SSH-2.0-\u0000\u0001\u00ff\r\n', 'latin1')],
    ['a packet of 4 GiB', 'SSH-2.0-x\r\n\u00ff\u00ff\u00ff\u00ff\u0001'],
    ['a packet of length 0', Buffer.from('SSH-2.0-x\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1')],
    [
      'an empty KEXINIT',
      Buffer.from('SSH-2.0-x\r\n\0\0\0\u000c\n\u0014\0\0\0\0\0\0\0\0\0\0', 'latin1'),
    ],
  ])('%s costs its own connection alone', async (_title, bytes) => {
    const rude = await peer();
    rude.send(bytes);
    const beside = serveOne(server.port);
    await rude.untilCut('a connection that speaks no SSH');
    await beside;
  });

  it('a connection that is reset at once, before and after it has said something', async () => {
    for (let n = 0; n < 20; n++) {
      const { socket } = await peer();
      if (n % 2 === 1) socket.write('SSH-2.0-x\r\n');
      socket.resetAndDestroy();
    }
  });

  it('200 connections that say nothing: others log in at once, and all are cut in time', async () => {
    const silent = await Promise.all(Array.from({ length: 200 }, () => peer()));
    await serveOne(server.port);
    await Promise.all(silent.map((each) => each.untilCut('a silent connection')));
  });

  it('half a version line is cut in time', async () => {
    const rude = (await peer()).send('SSH-2.0-Ope');
    await serveOne(server.port);
    await rude.untilCut('half a version line');
    const line = server.log.find(({ text }) => text.includes('loginTimeout'));
    expect(line?.level).toBe('warn');
  });

  it('a packet whose MAC is wrong ends its connection', async () => {
    const beside = await logIn({ port: server.port });
    const sftp = await beside.channel();
    await sftp.init();
    for (const cipher of [
      'aes128-ctr',
      'aes128-gcm@openssh.com',
      'chacha20-poly1305@openssh.com',
    ]) {
      const rude = attempt({
        port: server.port,
        password: 'dev',
        algorithms: { cipher: [cipher as 'aes128-ctr'], hmac: ['hmac-sha2-256'] },
      });
      expect(await rude.outcome).toBe('logged in');
      const { _sock } = rude.client as unknown as { _sock: NodeJS.WritableStream };
      const closed = untilClosed(rude.client, `a connection with a wrong MAC (${cipher})`);
      _sock.write(Buffer.alloc(512, 7));
      await closed;
      await sftp.alive();
    }
    await beside.end();
  });
});
