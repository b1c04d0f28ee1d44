import { afterEach, describe, expect, it } from '@jest/globals';
import { type SftpModuleOptions, SftpModule, SftpServer } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import type { Client } from 'ssh2';

import { logIn, untilClosed } from '../server/support/log-in.js';
import { closeApps, portOf, startApp, testOptions } from '../server/support/nest-app.js';
import { watched } from '../server/support/watched-backend.js';
import { close, open, write } from '../support/raw-requests.js';
import { within } from '../support/raw-transport.js';
import { FXF } from '../support/raw-wire.js';
import { startTcpRelay, type TcpRelay } from '../support/tcp-relay.js';

const CREATE = FXF.WRITE | FXF.CREAT | FXF.TRUNC;
const PIECE = 32_768;

interface Running {
  readonly port: number;
  readonly warnings: string[];
  readonly lines: string[];
  readonly refused: Promise<unknown>;
  readonly storage: ReturnType<typeof watched>;
}

async function start(options: Partial<SftpModuleOptions>): Promise<Running> {
  const warnings: string[] = [];
  const lines: string[] = [];
  const log = (message: unknown): void => void lines.push(String(message));
  const warn = (message: unknown): void => void warnings.push(String(message));
  const storage = watched(new MemoryBackend());
  const app = await startApp(
    { imports: [SftpModule.forRoot(testOptions({ backend: storage.backend, ...options }))] },
    { log, warn, error: warn, debug: log },
  );
  const refused = new Promise<unknown>((resolve) => {
    app.get(SftpServer).events.on('connection.refused', resolve);
  });
  return { port: portOf(app), warnings, lines, refused, storage };
}

/** Makes a client leave the server's questions without an answer. @returns counts them */
function neverAnswer(client: Client): () => number {
  let questions = 0;
  const { _protocol } = client as unknown as {
    _protocol: { _handlers: Record<string, () => void> };
  };
  _protocol._handlers['GLOBAL_REQUEST'] = () => {
    questions++;
  };
  return () => questions;
}

describe('keep-alives', () => {
  let relay: TcpRelay | undefined;
  afterEach(async () => {
    await relay?.stop();
    relay = undefined;
    await closeApps();
  });

  it('find out a peer that has gone silent: its upload is aborted, once, and all is told', async () => {
    const server = await start({ keepAliveInterval: 60, keepAliveCount: 2 });
    const { ledger } = server.storage;
    relay = await startTcpRelay(server.port, 20 * PIECE);
    const connection = await logIn({ port: relay.port });
    connection.ssh.on('error', () => undefined);
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/up', CREATE));
    for (let at = 0; at < 30 * PIECE; at += PIECE)
      sftp.post(write(handle, at, Buffer.alloc(PIECE)));
    await within(relay.reached, 'the relay to swallow all');
    expect(await within(server.refused, 'the event')).toMatchObject({
      reason: 'keepAlive',
      username: 'dev',
      address: '127.0.0.1',
    });
    await ledger.until(({ aborted }) => aborted === 1, 'the abort of the upload');
    expect(ledger.closed).toBe(0);
    expect(server.warnings).toEqual([
      expect.stringMatching(
        /^\[\S+\] Disconnected: the client does not answer \(option keepAliveInterval\)$/,
      ),
    ]);
  });

  it('take whatever a busy client sends for an answer, and cut it off when it falls silent', async () => {
    const server = await start({ keepAliveInterval: 150, keepAliveCount: 1 });
    const connection = await logIn({ port: server.port });
    const questions = neverAnswer(connection.ssh);
    const sftp = await connection.channel();
    await sftp.init();
    const handle = await sftp.handle(open('/up', CREATE));
    const gone = untilClosed(connection.ssh, 'a silent client');
    // Longer than the 300 ms after which a silent one goes.
    for (let at = 0; at < 20; at++) {
      await sftp.ok(write(handle, at * 100, Buffer.alloc(100)));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(server.warnings).toEqual([]);
    await sftp.ok(close(handle));
    await gone;
    expect(questions()).toBe(1);
    expect(await within(server.refused, 'the event')).toMatchObject({ reason: 'keepAlive' });
  });

  it('are answered by an idle client for as long as it likes, until idleTimeout', async () => {
    const server = await start({ keepAliveInterval: 40, keepAliveCount: 1, idleTimeout: 500 });
    const connection = await logIn({ port: server.port });
    const started = performance.now();
    await untilClosed(connection.ssh, 'an idle client');
    expect(performance.now() - started).toBeGreaterThan(450);
    expect([...server.lines, ...server.warnings].join('\n')).toMatch(
      /Disconnected after 500 ms without activity/,
    );
    expect(server.warnings.join('\n')).not.toMatch(/keepAlive/);
  });
});
