import { once } from 'node:events';
import { connect } from 'node:net';

import { Acceptance } from 'nestjs-sftpd';
import { afterEach, describe, expect, it } from '@jest/globals';

import { type RawServer, type RawServerOptions, startRawServer } from '../support/raw-server.js';
import { attempt, logIn, serveOne, tryLogIn, untilClosed } from './support/log-in.js';
import { Refusals } from './support/refusals.js';
import { TcpPeer } from './support/tcp-peer.js';

let server: RawServer;
let refusals: Refusals;

async function start(options: RawServerOptions['options']): Promise<number> {
  server = await startRawServer(options === undefined ? {} : { options });
  refusals = new Refusals(server.events);
  return server.port;
}

/** The lines of the log that tell of refusals. */
function warnings(): string[] {
  return server.log.filter(({ level }) => level === 'warn').map(({ text }) => text);
}

async function peer(): Promise<TcpPeer> {
  return new TcpPeer(server.port).connected();
}

afterEach(() => server.stop());

describe('access lists', () => {
  it('an address that is denied gets nothing, and one event and one line tell of it', async () => {
    const port = await start({ access: { deny: ['127.0.0.2/31'] } });
    const denied = { port, password: 'dev', localAddress: '127.0.0.3' };
    expect(await tryLogIn(denied)).not.toBe('logged in');
    await serveOne(port);
    expect(refusals.all).toEqual([
      {
        connectionId: undefined,
        address: '127.0.0.3',
        port: expect.any(Number),
        username: undefined,
        reason: 'access',
      },
    ]);
    expect(warnings()).toEqual([expect.stringContaining('option access.deny')]);
  });

  it('with a list of those who are allowed, nobody else is', async () => {
    const port = await start({ access: { allow: ['127.0.0.1', '10.0.0.0/8'] } });
    await serveOne(port);
    const other = { port, password: 'dev', localAddress: '127.0.0.2' };
    expect(await tryLogIn(other)).not.toBe('logged in');
    expect(refusals.reasons).toEqual(['access']);
    expect(warnings()).toEqual([expect.stringContaining('option access.allow')]);
  });

  it('IPv4 counts as IPv4 on a socket that takes both', async () => {
    const port = await start({ host: '::', access: { allow: ['127.0.0.0/8'] } });
    await serveOne(port);
    expect(await tryLogIn({ port, host: '::1', password: 'dev' })).not.toBe('logged in');
    expect(refusals.all).toMatchObject([{ address: '::1', reason: 'access' }]);
  });

  it('a flood of refusals is a flood of events, and few lines', async () => {
    await start({ access: { deny: ['127.0.0.1'] } });
    const flood = await Promise.all(Array.from({ length: 100 }, () => peer()));
    await Promise.all(flood.map((each) => each.untilCut('a denied connection')));
    await refusals.count(100);
    await server.stop();
    const lines = warnings();
    expect(lines.length).toBeLessThan(20);
    const untold = lines.map((line) => Number(/^(\d+) more refusals/.exec(line)?.[1] ?? 1));
    expect(untold.reduce((sum, count) => sum + count)).toBe(100);
  });
});

describe('how many there may be', () => {
  it('maxPendingLogins: half of them from one address, and others still get in', async () => {
    const port = await start({ maxPendingLogins: 4 });
    const silent = [await peer(), await peer()];
    const third = await peer();
    await third.untilCut('a third silent connection');
    expect(refusals.reasons).toEqual(['maxPendingLogins']);
    expect(warnings()).toEqual([expect.stringContaining('option maxPendingLogins')]);
    const other = await logIn({ port, localAddress: '127.0.0.2' });
    await other.end();
    for (const each of silent) each.socket.destroy();
  });

  it('maxPendingLogins: those who have logged in are none of them', async () => {
    const port = await start({ maxPendingLogins: 2 });
    const guests = [];
    for (let n = 0; n < 5; n++) guests.push(await logIn({ port }));
    expect(refusals.reasons).toEqual([]);
    for (const guest of guests) await guest.end();
  });

  it('maxPendingLogins: full is full, whoever comes, until one of them leaves', async () => {
    const port = await start({ maxPendingLogins: 2 });
    const silent = ['127.0.0.2', '127.0.0.3'].map((localAddress) =>
      connect({ port, host: '127.0.0.1', localAddress }),
    );
    await Promise.all(silent.map((each) => once(each, 'data')));
    await (await peer()).untilCut('a third one');
    expect(refusals.all).toMatchObject([{ reason: 'maxPendingLogins', address: '127.0.0.1' }]);
    silent[0]?.destroy();
    let outcome = '';
    while (outcome !== 'logged in') outcome = await tryLogIn({ port, password: 'dev' });
    silent[1]?.destroy();
  });

  it('maxSessionsPerUser: the log-in is refused before the client is told anything else', async () => {
    const port = await start({
      maxSessionsPerUser: 2,
      auth: { passwords: ['dev', 'other'].map((username) => ({ username, password: 'dev' })) },
    });
    const guests = [await logIn({ port }), await logIn({ port })];
    const outcome = await tryLogIn({ port, password: 'dev' });
    expect(outcome).toBe('All configured authentication methods failed');
    expect(refusals.all).toMatchObject([
      { reason: 'maxSessionsPerUser', username: 'dev', connectionId: expect.any(String) },
    ]);
    expect(warnings()).toEqual([expect.stringContaining('option maxSessionsPerUser')]);
    await (await logIn({ port, username: 'other' })).end();
    const gone = untilClosed(guests[0]!.ssh, 'a session');
    await guests[0]!.end();
    await gone;
    await serveOne(port);
    await guests[1]!.end();
  });

  it('maxSessionsPerUser: a limit from the authenticator wins', async () => {
    const port = await start({
      maxSessionsPerUser: 1,
      auth: {
        authenticatePassword: (username: string) =>
          new Acceptance({}, username === 'many' ? { maxSessionsPerUser: 3 } : {}),
      },
    });
    const many = [];
    for (let n = 0; n < 3; n++) many.push(await logIn({ port, username: 'many' }));
    expect(await tryLogIn({ port, username: 'many', password: 'x' })).not.toBe('logged in');
    const few = await logIn({ port, username: 'few' });
    expect(await tryLogIn({ port, username: 'few', password: 'x' })).not.toBe('logged in');
    expect(refusals.all.map(({ username }) => username)).toEqual(['many', 'few']);
    for (const each of [...many, few]) await each.end();
  });

  it('a user with too many sessions is not taken for a guesser', async () => {
    const port = await start({ maxSessionsPerUser: 1, lockout: { maxFailures: 2 } });
    const guest = await logIn({ port });
    for (let n = 0; n < 4; n++) await tryLogIn({ port, password: 'dev' });
    expect(new Set(refusals.reasons)).toEqual(new Set(['maxSessionsPerUser']));
    await guest.end();
    await serveOne(port);
  });
});

describe('how long the beginning may take', () => {
  it.each([
    ['helloTimeout', 'nothing', ''],
    ['helloTimeout', 'half an identification', 'SSH-2.0-Ope'],
    ['keyExchangeTimeout', 'an identification and no more', 'SSH-2.0-x\r\n'],
  ])('%s: a client that sends %s is cut, and its place is free', async (option, _title, bytes) => {
    const port = await start({ [option]: 300, maxSessions: 1 });
    const silent = (await peer()).send(bytes);
    await silent.untilCut('a connection that goes no further');
    await serveOne(port);
    expect(refusals.all).toMatchObject([{ reason: option, connectionId: expect.any(String) }]);
    expect(warnings()).toEqual([expect.stringContaining(`option ${option}`)]);
  });

  it('a client that has exchanged keys and logs in late is not cut by them', async () => {
    const port = await start({ helloTimeout: 300, keyExchangeTimeout: 300 });
    const connection = await logIn({ port });
    const sftp = await connection.channel();
    await sftp.init();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await sftp.alive();
    await connection.end();
    expect(refusals.reasons).toEqual([]);
  });

  it('loginTimeout: a client that exchanges keys and never logs in is cut', async () => {
    let ask: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const port = await start({
      loginTimeout: 1000,
      maxSessions: 1,
      auth: {
        authenticatePassword: (_name: string, password: string) => {
          if (password === 'dev') return true;
          ask?.();
          return new Promise<boolean>(() => undefined);
        },
      },
    });
    const waiting = attempt({ port, password: 'x' });
    await asked;
    await untilClosed(waiting.client, 'a log-in that never ends');
    expect(refusals.reasons).toEqual(['loginTimeout']);
    expect(warnings()).toEqual([expect.stringContaining('option loginTimeout')]);
    await serveOne(port);
  });

  it.each([
    ['an identification of 256 bytes', `SSH-2.0-${'x'.repeat(246)}\r\n`],
    ['a line without an end', 'x'.repeat(256)],
    ['a greeting before the identification', 'hello\r\nSSH-2.0-x\r\n'],
    [
      'a PROXY header from nobody who is trusted',
      'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nSSH-2.0-x\r\n',
    ],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['SSH 1', 'SSH-1.5-old\r\n'],
  ])('%s ends the connection', async (_title, bytes) => {
    await start({});
    const rude = (await peer()).send(bytes);
    await rude.untilCut('a connection with a wrong beginning');
    expect(refusals.all).toMatchObject([{ reason: 'protocol', address: '127.0.0.1' }]);
    expect(warnings()).toEqual([expect.stringContaining('SSH identification')]);
  });

  it('an identification of 255 bytes is one', async () => {
    const port = await start({});
    const client = attempt({ port, password: 'dev', ident: 'x'.repeat(245) });
    expect(await client.outcome).toBe('logged in');
    client.client.end();
  });
});

describe('lockout', () => {
  const wrong = (port: number, extra: object = {}): Promise<string> =>
    tryLogIn({ port, password: 'wrong', ...extra });

  it('an address that keeps failing is refused before any SSH, for a while; others are not', async () => {
    const port = await start({ lockout: { maxFailures: 3, lockTime: 1500 } });
    for (let n = 0; n < 3; n++) expect(await wrong(port)).not.toBe('logged in');
    await refusals.count(1);
    const locked = await peer();
    await locked.untilCut('a connection from a locked address');
    expect(locked.received).toHaveLength(0);
    await serveOneFrom(port, '127.0.0.2');
    expect(new Set(refusals.reasons)).toEqual(new Set(['lockout']));
    expect(warnings().filter((line) => line.includes('option lockout'))).not.toEqual([]);
    const deadline = performance.now() + 8000;
    let outcome = '';
    while (outcome !== 'logged in' && performance.now() < deadline) {
      outcome = await tryLogIn({ port, password: 'dev' });
    }
    expect(outcome).toBe('logged in');
  });

  it('ends the log-ins under way from there, and no session', async () => {
    const port = await start({ lockout: { maxFailures: 2 } });
    const session = await logIn({ port });
    const sftp = await session.channel();
    await sftp.init();
    const pending = await peer();
    await wrong(port);
    await wrong(port);
    await pending.untilCut('a log-in under way');
    await sftp.alive();
    await session.end();
  });

  it('exempt addresses, and nobody with false', async () => {
    const exempt = await start({ lockout: { maxFailures: 1, exempt: ['127.0.0.0/8'] } });
    for (let n = 0; n < 3; n++) await wrong(exempt);
    await serveOne(exempt);
    await server.stop();
    const off = await start({ lockout: false });
    for (let n = 0; n < 25; n++) await wrong(off);
    await serveOne(off);
    expect(refusals.reasons).toEqual([]);
  });

  it('a store that breaks is no way in', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const store = { fail: broken, lockedFor: broken, forgive: broken };
    const port = await start({ lockout: { maxFailures: 2, store } });
    await serveOne(port);
    await wrong(port);
    await wrong(port);
    await refusals.count(1);
    expect(await tryLogIn({ port, password: 'dev' })).not.toBe('logged in');
    const errors = server.log.filter(({ level }) => level === 'error');
    expect(errors.map(({ text }) => text)).toEqual([
      expect.stringContaining('option lockout.store'),
    ]);
  });

  it('a store that hangs is waited for, and not for long; nothing is sent before it answers', async () => {
    const never = (): Promise<number> => new Promise(() => undefined);
    let answer: ((locked: number) => void) | undefined;
    let asked: (() => void) | undefined;
    const first = new Promise<void>((resolve) => (asked = resolve));
    const port = await start({
      lockout: {
        store: {
          lockedFor: () => {
            asked?.();
            return new Promise<number>((resolve) => (answer = resolve));
          },
          fail: never,
          forgive: async () => undefined,
        },
      },
    });
    const early = (await peer()).send('SSH-2.0-x\r\n');
    await first;
    expect(early.received).toHaveLength(0);
    answer?.(60_000);
    await early.untilCut('a connection that the store has locked out');
    expect(early.received).toHaveLength(0);
    expect(refusals.reasons).toEqual(['lockout']);
    await serveOneFrom(port, '127.0.0.2');
  });
});

async function serveOneFrom(port: number, localAddress: string): Promise<void> {
  const connection = await logIn({ port, localAddress });
  const sftp = await connection.channel();
  await sftp.init();
  await sftp.alive();
  await connection.end();
}
