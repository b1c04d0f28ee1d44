import { afterEach, describe, expect, it } from '@jest/globals';
import type { UploadAbortedEvent } from 'nestjs-sftpd';

import { putFile } from '../support/raw-files.js';
import { close, open, read, write } from '../support/raw-requests.js';
import { type RawServer, startRawServer } from '../support/raw-server.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';
import { logIn, tryLogIn, untilClosed } from './support/log-in.js';

const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;

const running: RawServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(): Promise<RawServer> {
  const server = await startRawServer();
  running.push(server);
  return server;
}

describe('live sessions', () => {
  it('are listed with what they transfer, and how far it has come', async () => {
    const server = await start();
    expect(server.sftp.sessions()).toEqual([]);
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    await putFile(sftp, '/there', Buffer.alloc(5000, 1));
    const up = await sftp.handle(open('/up', CREATE));
    await sftp.ok(write(up, 0, Buffer.alloc(3000, 1)));
    const down = await sftp.handle(open('/there', FXF.READ));
    await sftp.data(read(down, 0, 2000));

    const [live, ...others] = server.sftp.sessions();
    expect(others).toEqual([]);
    expect(live).toMatchObject({
      session: { username: 'dev', peer: { address: '127.0.0.1' } },
      since: expect.any(Date),
      lastActivity: expect.any(Date),
      transfers: [
        { kind: 'upload', path: '/up', backend: undefined, bytes: 3000, since: expect.any(Date) },
        { kind: 'download', path: '/there', backend: undefined, bytes: 2000 },
      ],
    });
    expect(live?.bytesIn).toBeGreaterThan(8000);
    expect(live?.bytesOut).toBeGreaterThan(2000);
    for (const { rate } of live?.transfers ?? []) expect(rate).toBeGreaterThan(0);

    await sftp.ok(close(up));
    await sftp.ok(close(down));
    expect(server.sftp.sessions()[0]?.transfers).toEqual([]);
    await connection.end();
    await server.sftp.stop();
    expect(server.sftp.sessions()).toEqual([]);
  });

  it('can be ended one by one: the uploads of that one are aborted, and nobody else is', async () => {
    const server = await start();
    const aborted = new Promise<UploadAbortedEvent>((resolve) => {
      server.events.on('upload.aborted', resolve);
    });
    const [ended, kept] = [await logIn({ port: server.port }), await logIn({ port: server.port })];
    const channels = [await ended.channel(), await kept.channel()] as const;
    for (const [index, sftp] of channels.entries()) {
      await sftp.init();
      await sftp.handle(open(`/up-${index}`, CREATE));
    }
    const goodbye = untilClosed(ended.ssh, 'the client whose session is ended');
    const { session } = server.sftp
      .sessions()
      .find(({ transfers }) => transfers[0]?.path === '/up-0')!;

    expect(server.sftp.endSession('unknown')).toBe(false);
    expect(server.sftp.endSession(session.id)).toBe(true);
    await goodbye;
    expect(await within(aborted, 'the event of the upload')).toMatchObject({
      path: '/up-0',
      reason: 'terminated',
      session: { id: session.id },
    });
    expect(server.sftp.sessions().map(({ transfers }) => transfers[0]?.path)).toEqual(['/up-1']);
    await kept.end();
  });

  it('go on while new ones are refused', async () => {
    const server = await start();
    const reasons: string[] = [];
    server.events.on('connection.refused', ({ reason }) => reasons.push(reason));
    const connection = await logIn({ port: server.port });
    const sftp = await connection.channel();
    await sftp.init();
    server.sftp.pause();
    expect(server.sftp.paused).toBe(true);
    expect(await tryLogIn({ port: server.port, password: 'dev' })).not.toBe('logged in');
    await putFile(sftp, '/up', Buffer.alloc(5000, 1));
    server.sftp.resume();
    expect(await tryLogIn({ port: server.port, password: 'dev' })).toBe('logged in');
    expect(reasons).toEqual(['paused']);
  });
});
