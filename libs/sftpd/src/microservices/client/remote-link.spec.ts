import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';

import { lastValueFrom, throwError } from 'rxjs';

import { normalizePath } from '../../filesystem/path.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { Loopback, type Respond, SESSION } from '../spec-support/loopback.js';
import { WIRE_VERSION } from '../wire/operations.js';
import { RemoteLink } from './remote-link.js';
import {
  checkedClientOptions,
  type SftpBackendClientOptions,
} from './sftp-backend-client-options.js';

const BODY = { path: normalizePath('/file') };
const never = (): Promise<never> => new Promise(() => undefined);

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

function linkTo(respond: Respond, options: SftpBackendClientOptions = {}) {
  const proxy = new Loopback(respond);
  const link = new RemoteLink(proxy, checkedClientOptions(options));
  const call = () => link.call('readLink', SESSION, BODY, (value) => value.text('target'));
  return { proxy, link, call };
}

async function failureOf(call: Promise<unknown>): Promise<{ code: string; reason: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof SftpError)) throw error;
    return { code: error.code, reason: error.cause instanceof Error ? error.cause.message : '' };
  }
  throw new Error('The call has succeeded');
}

describe('a call over the link', () => {
  it('carries version, session and body under the pattern, and gives what is read of the answer', async () => {
    const messages: unknown[] = [];
    const { call, proxy } = linkTo(
      (_pattern, data) => {
        messages.push(data);
        return Promise.resolve({ value: { target: 'there' } });
      },
      { pattern: 'files' },
    );
    expect(await call()).toBe('there');
    expect(proxy.sent).toEqual(['files.readLink']);
    expect(messages).toEqual([
      { version: WIRE_VERSION, request: expect.any(String), session: SESSION, path: '/file' },
    ]);
    await call();
    const names = messages.map((message) => (message as { request: string }).request);
    expect(new Set(names).size).toBe(2);
  });

  it('sends only what the option `attributes` picks', async () => {
    let attributes: unknown;
    const { call } = linkTo(
      (_pattern, data) => {
        attributes = (data as { session: { attributes: unknown } }).session.attributes;
        return Promise.resolve({ value: { target: 'there' } });
      },
      { attributes: ({ username }) => ({ owner: username }) },
    );
    await call();
    expect(attributes).toEqual({ owner: 'anna' });
  });

  it('is EIO when there is no answer in time, and leaves nothing behind', async () => {
    jest.useFakeTimers();
    const { call, proxy } = linkTo(never);
    const failure = failureOf(call());
    await jest.advanceTimersByTimeAsync(24_999);
    expect(proxy.waiting).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await failure).toEqual({
      code: 'EIO',
      reason: 'sftp-backend.readLink: the remote backend has not answered within 25000 ms',
    });
    expect(proxy.waiting).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind when it is answered', async () => {
    jest.useFakeTimers();
    const { call, proxy } = linkTo(() => Promise.resolve({ value: { target: 'there' } }));
    await call();
    expect(proxy.waiting).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is EIO when the connection cannot be made, also within the time limit', async () => {
    const { call, proxy } = linkTo(never);
    jest.spyOn(proxy, 'connect').mockRejectedValueOnce(new Error('connect ECONNREFUSED'));
    expect(await failureOf(call())).toEqual({
      code: 'EIO',
      reason: 'sftp-backend.readLink: connect ECONNREFUSED',
    });
    jest.useFakeTimers();
    jest.spyOn(proxy, 'connect').mockImplementationOnce(never);
    const failure = failureOf(call());
    await jest.advanceTimersByTimeAsync(25_000);
    expect(await failure).toMatchObject({ code: 'EIO' });
  });

  it.each<[string, unknown]>([
    ['Connection closed', new Error('Connection closed')],
    ['There is no matching message handler', 'There is no matching message handler'],
    ['Internal server error', { status: 'error', message: 'Internal server error' }],
  ])('is EIO when the transport says "%s"', async (reason, thrown) => {
    // Transports reject with anything, which a promise of our own may not.
    const failing: Respond = () => lastValueFrom(throwError(() => thrown));
    const failure = await failureOf(linkTo(failing).call());
    expect(failure.code).toBe('EIO');
    expect(failure.reason).toContain(reason);
  });

  it.each([undefined, null, 5, 'there', {}, { value: {} }, { value: { target: 5 } }, { data: {} }])(
    'is EIO when it is answered by %j',
    async (answer) => {
      const failure = await failureOf(linkTo(() => Promise.resolve(answer)).call());
      expect(failure.code).toBe('EIO');
      expect(failure.reason).toMatch(/^sftp-backend\.readLink: /);
    },
  );

  it('is what the remote backend has thrown', async () => {
    const error = { code: 'ENOSPC', message: 'The mailbox is full' };
    const { call } = linkTo(() => Promise.resolve({ error }));
    await expect(call()).rejects.toMatchObject(error);
  });

  it('is EIO, and is not sent, when the session cannot travel', async () => {
    const { proxy, link } = linkTo(never);
    const session = { ...SESSION, attributes: { may: () => true } };
    const failure = await failureOf(link.call('delete', session, BODY, () => undefined));
    expect(failure.code).toBe('EIO');
    expect(failure.reason).toContain('attributes.may is a function');
    expect(proxy.sent).toEqual([]);
  });

  it('that nobody waits for never rejects', async () => {
    const debug = jest.spyOn(Logger.prototype, 'debug').mockImplementation(() => undefined);
    const { link } = linkTo(() => Promise.reject(new Error('Connection closed')));
    await link.tell('listEnd', SESSION, { cursor: 'x' });
    expect(debug).toHaveBeenCalledWith('sftp-backend.listEnd: Connection closed');
  });
});

describe('the options of a client', () => {
  it.each([
    ['pattern', ''],
    ['timeout', 0],
    ['timeout', 2 ** 31],
    ['timeout', '5'],
    ['maxChunkBytes', 0],
    ['maxChunkBytes', 1.5],
    ['capabilities', ['openFile']],
  ])('%s may not be %j', (name, value) => {
    expect(() => checkedClientOptions({ [name]: value })).toThrow(
      `SftpBackendClient: ${name} must be`,
    );
  });
});
