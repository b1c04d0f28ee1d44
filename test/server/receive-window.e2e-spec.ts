import { randomFillSync } from 'node:crypto';

import { afterEach, describe, expect, it } from '@jest/globals';
import type { SftpModuleOptions } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { sha256 } from '../support/fixtures.js';
import { getFile } from '../support/raw-files.js';
import { close, open, write } from '../support/raw-requests.js';
import { type RawConnection, type RawServer, startRawServer } from '../support/raw-server.js';
import type { RawSftpClient } from '../support/raw-sftp-client.js';
import { FXF } from '../support/raw-wire.js';
import { watchWindow } from './support/client-internals.js';
import { logIn, serveOne } from './support/log-in.js';
import { type LongWay, longWayTo } from './support/long-way.js';
import { Gate, watched } from './support/watched-backend.js';

const MIB = 1024 * 1024;
const PIECE = 32_768;
const CONTENT = randomFillSync(Buffer.alloc(40 * MIB));

let server: RawServer;
let way: LongWay;
let connection: RawConnection;

async function start(options: Partial<SftpModuleOptions>, roundTrip: number): Promise<Client> {
  const storage = watched(new MemoryBackend());
  server = await startRawServer({ backend: storage.backend, options });
  way = await longWayTo(server.port, roundTrip);
  connection = await logIn({ port: way.port });
  const sftp = await connection.channel();
  await sftp.init();
  return { sftp, storage, window: watchWindow(connection.ssh) };
}

interface Client {
  readonly sftp: RawSftpClient;
  readonly storage: ReturnType<typeof watched<MemoryBackend>>;
  readonly window: { readonly most: number };
}

/** Sends all of the content without waiting for replies. @returns the requests' numbers */
function sendAll(sftp: RawSftpClient, handle: Buffer): number[] {
  const ids: number[] = [];
  for (let at = 0; at < CONTENT.length; at += PIECE) {
    ids.push(sftp.post(write(handle, at, CONTENT.subarray(at, at + PIECE))));
  }
  return ids;
}

async function upload(sftp: RawSftpClient): Promise<void> {
  const handle = await sftp.handle(open('/f', FXF.WRITE | FXF.CREAT | FXF.TRUNC));
  await Promise.all(sendAll(sftp, handle).map((id) => sftp.replyTo(id)));
  await sftp.ok(close(handle));
}

/** What is stored, read without the long way. */
async function stored(): Promise<string> {
  const near = await logIn({ port: server.port });
  const sftp = await near.channel();
  await sftp.init();
  const content = await getFile(sftp, '/f');
  await near.end();
  return sha256(content);
}

afterEach(async () => {
  connection.ssh.destroy();
  await way.stop();
  await server.stop();
});

describe('the receive window', () => {
  it('grows for a client that sends fast over a long way, and every byte arrives', async () => {
    const { sftp, window } = await start({}, 60);
    await upload(sftp);
    expect(window.most).toBeGreaterThan(3 * MIB);
    expect(window.most).toBeLessThanOrEqual(16 * MIB);
    expect(await stored()).toBe(sha256(CONTENT));
  });

  it.each([
    ['the option maxReceiveWindow forbids it', { maxReceiveWindow: 2 * MIB }],
    ['all windows together have nothing more', { maxReceiveWindowTotal: 0 }],
  ])('stays at 2 MiB when %s', async (_why, options) => {
    const { sftp, window } = await start(options, 60);
    await upload(sftp);
    expect(window.most).toBeLessThanOrEqual(2 * MIB);
    expect(await stored()).toBe(sha256(CONTENT));
  });

  it('that has grown holds up a client whose backend stops, who is no offender then', async () => {
    const { sftp, storage, window } = await start({}, 60);
    await upload(sftp);
    expect(window.most).toBeGreaterThan(3 * MIB);
    const handle = await sftp.handle(open('/f', FXF.WRITE | FXF.CREAT | FXF.TRUNC));
    const gate = new Gate();
    storage.gates.beforeWrite = gate.pass;
    const ids = sendAll(sftp, handle);
    await gate.reached('the first write');
    await serveOne(server.port);
    gate.open();
    await Promise.all(ids.map((id) => sftp.replyTo(id)));
    await sftp.ok(close(handle));
    expect(await stored()).toBe(sha256(CONTENT));
    expect(server.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});
