import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AuthenticationMessage,
  type ConnectionMessage,
  PartialSuccess,
  type ServerMessage,
  type SftpAuthenticator,
  SftpModule,
  SftpServer,
} from 'nestjs-sftpd';
import { SftpTestClient } from 'nestjs-sftpd/testing';

import { tryLogIn } from './support/log-in.js';
import { closeApps, portOf, startApp, startError, testOptions } from './support/nest-app.js';

type Message = ServerMessage & ConnectionMessage & AuthenticationMessage;

const told: { step: string; message: Message }[] = [];
const waiting: (() => void)[] = [];
const gone: (() => void)[] = [];

function listen(channel: string): void {
  for (const step of ['start', 'error', 'asyncEnd']) {
    const name = `tracing:nestjs-sftpd:${channel}:${step}`;
    const listener = (message: unknown): void => {
      told.push({ step: `${channel} ${step}`, message: { ...(message as Message) } });
      for (const resolve of waiting.splice(0)) resolve();
    };
    subscribe(name, listener);
    gone.push(() => unsubscribe(name, listener));
  }
}

async function until(step: string): Promise<Message> {
  for (;;) {
    const found = told.find((one) => one.step === step);
    if (found !== undefined) return found.message;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
}

function outcomes(): (string | undefined)[][] {
  return told
    .filter(({ step }) => step === 'authentication asyncEnd')
    .map(({ message }) => [message.method, message.outcome]);
}

beforeEach(() => {
  for (const channel of ['server', 'connection', 'authentication']) listen(channel);
});

afterEach(async () => {
  await closeApps();
  for (const unsubscribeOne of gone.splice(0)) unsubscribeOne();
  told.length = 0;
});

describe('the tracing channel of servers', () => {
  it('tells of a server from listening to stopped', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const server = app.get(SftpServer);
    const { port } = server.address() ?? {};
    expect(server.state).toBe('listening');
    expect(told.map(({ step }) => step)).toEqual(['server start']);
    expect(told[0]?.message).toMatchObject({ address: '127.0.0.1', port });
    const stopped = server.stop();
    expect(server.state).toBe('draining');
    await stopped;
    expect(server.state).toBe('stopped');
    expect(told.map(({ step }) => step)).toEqual(['server start', 'server asyncEnd']);
    expect(told[1]?.message.duration).toBeGreaterThan(0);
  });

  it('tells of one that cannot listen', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const port = portOf(app);
    const why = await startError({ imports: [SftpModule.forRoot(testOptions({ port }))] });
    const { message } = told.find(({ step }) => step === 'server error') ?? {};
    expect(message?.error?.message).toBe(why);
  });
});

describe('the tracing channel of connections', () => {
  it('tells of a connection, who has logged in, and the bytes of its socket', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const login = { username: 'dev', password: 'dev' };
    const client = await SftpTestClient.connect(app.get(SftpServer), login);
    const begun = await until('connection start');
    expect(begun.session).toBeUndefined();
    expect(begun.peer.address).toBe('127.0.0.1');
    await client.close();
    const ended = await until('connection asyncEnd');
    expect(ended.connectionId).toBe(begun.connectionId);
    expect(ended.session).toMatchObject({ id: begun.connectionId, username: 'dev' });
    expect(ended.bytesReceived).toBeGreaterThan(500);
    expect(ended.bytesSent).toBeGreaterThan(500);
    expect(ended.duration).toBeGreaterThan(0);
  });
});

describe('the tracing channel of authentication', () => {
  it('tells what came of each request, in order', async () => {
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions())] });
    const port = portOf(app);
    expect(await tryLogIn({ port, password: 'wrong' })).not.toBe('logged in');
    expect(outcomes()).toEqual([
      ['none', 'asked'],
      ['password', 'refused'],
    ]);
    told.length = 0;
    expect(await tryLogIn({ port, password: 'dev' })).toBe('logged in');
    expect(outcomes()).toEqual([
      ['none', 'asked'],
      ['password', 'accepted'],
    ]);
    const starts = told.filter(({ step }) => step === 'authentication start');
    expect(starts).toHaveLength(2);
    expect(starts[0]?.message).toMatchObject({ username: 'dev', outcome: undefined });
  });

  it('tells of an authenticator that fails, with its error', async () => {
    const auth: SftpAuthenticator = {
      authenticatePassword: () => Promise.reject(new Error('no directory')),
    };
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ auth }))] });
    await tryLogIn({ port: portOf(app), password: 'dev' });
    const { outcome, error } = await until('authentication error');
    expect([outcome, error?.message]).toEqual(['refused', 'no directory']);
  });

  it('tells of a first factor', async () => {
    const auth: SftpAuthenticator = {
      authenticatePassword: () => new PartialSuccess(['keyboard-interactive']),
      keyboardInteractive: () => undefined,
    };
    const app = await startApp({ imports: [SftpModule.forRoot(testOptions({ auth }))] });
    await tryLogIn({ port: portOf(app), password: 'dev' });
    await until('connection asyncEnd');
    expect(outcomes()).toContainEqual(['password', 'partial']);
  });
});
