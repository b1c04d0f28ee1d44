import { once } from 'node:events';

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type SftpModuleOptions, SftpModule } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';

import { startError, testOptions } from '../server/support/nest-app.js';
import { TcpPeer } from '../server/support/tcp-peer.js';
import { BackendProbe } from '../support/backend-probe.js';
import { findProgram, programOf } from '../support/client-tools.js';
import { asOptions, sshSettings } from '../support/openssh-client.js';
import { runOk } from '../support/run-program.js';
import { within } from '../support/raw-transport.js';
import type { SftpTarget } from '../support/sftp-target.js';
import { startBackendServer } from '../support/test-server.js';

jest.setTimeout(60_000);

const sftp = programOf(findProgram('sftp'));

let target: SftpTarget | undefined;
afterEach(() => target?.stop());

async function start(options: Partial<SftpModuleOptions>): Promise<SftpTarget> {
  const backend = new MemoryBackend();
  target = await startBackendServer(backend, new BackendProbe(backend), options);
  return target;
}

/** What OpenSSH writes on standard error in a log-in. */
async function toldBy(server: SftpTarget, level: string): Promise<string> {
  const args = asOptions([`LogLevel=${level}`, ...sshSettings(server)]);
  const { home, username, host } = server;
  const input = 'pwd\n';
  const login = `${username}@${host}`;
  return (await runOk(sftp, [...args, '-b', '-', login], { home, input })).stderr;
}

/** What the server says to anybody. */
async function firstLineOf(server: SftpTarget): Promise<string> {
  const peer = await new TcpPeer(server.port).connected();
  while (!peer.received.includes('\n')) await within(once(peer.socket, 'data'), 'the first line');
  peer.socket.destroy();
  return peer.received.toString('latin1', 0, peer.received.indexOf('\n') + 1);
}

describe('banner', () => {
  it('is what OpenSSH shows before the log-in, line for line', async () => {
    const banner = 'Authorised users only.\n\tGrüße vom Hafen 🚢';
    const server = await start({ banner });
    expect(await toldBy(server, 'INFO')).toBe('Authorised users only.\r\n\tGrüße vom Hafen 🚢\r\n');
  });

  it('may be as long as it may be', async () => {
    const banner = 'x'.repeat(31_999);
    const server = await start({ banner });
    expect(await toldBy(server, 'INFO')).toBe(`${banner}\r\n`);
  });

  it('is not there unless it is given', async () => {
    expect(await toldBy(await start({}), 'INFO')).toBe('');
  });
});

describe('ident', () => {
  it('stands in the first line that a client gets', async () => {
    const server = await start({ ident: 'Acme_1.0' });
    expect(await firstLineOf(server)).toBe('SSH-2.0-Acme_1.0\r\n');
    expect(await toldBy(server, 'DEBUG1')).toContain('remote software version Acme_1.0');
  });

  it('may be as long as a line of 255 bytes allows', async () => {
    const ident = 'x'.repeat(245);
    const server = await start({ ident });
    expect(await firstLineOf(server)).toHaveLength(255);
    expect(await toldBy(server, 'INFO')).toBe('');
  });

  it('names no version unless it is told to', async () => {
    expect(await toldBy(await start({}), 'DEBUG1')).toMatch(
      /remote software version nestjs_sftpd\r?$/m,
    );
  });
});

describe('the start', () => {
  it('tells what is wrong with either', async () => {
    const options = testOptions({ banner: '\u001b[31mred', ident: 'two words' });
    const message = await startError({ imports: [SftpModule.forRoot(options)] });
    expect(message).toMatch(/banner: must not hold control characters/);
    expect(message).toMatch(/ident: must be printable ASCII/);
  });
});
