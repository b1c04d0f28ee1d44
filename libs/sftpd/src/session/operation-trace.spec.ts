import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { sftpTracing } from '../events/tracing.js';
import type { OperationMessage } from '../events/tracing-messages.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { PacketType, StatusCode } from '../protocol/constants.js';
import {
  closeRequest,
  deferred,
  fileOf,
  open,
  openChannel,
  readRequest,
  request,
  statRequest,
  writeRequest,
} from './spec-support/channel.js';

const steps: string[] = [];
const ended: OperationMessage[] = [];

const subscribers = {
  start: ({ operation }: OperationMessage) => void steps.push(`start ${operation}`),
  end: () => undefined,
  asyncStart: () => undefined,
  error: ({ operation }: OperationMessage) => void steps.push(`error ${operation}`),
  asyncEnd: (message: OperationMessage) => {
    steps.push(`asyncEnd ${message.operation}`);
    ended.push({ ...message });
  },
};

function names(type: number, id: number, ...paths: readonly string[]): Buffer {
  return request(type, id, (w) => {
    for (const path of paths) w.text(path);
  });
}

function extended(id: number, name: string, ...paths: readonly string[]): Buffer {
  return names(PacketType.EXTENDED, id, name, ...paths);
}

describe('with a subscriber', () => {
  beforeEach(() => {
    sftpTracing.operation.subscribe(subscribers);
  });

  afterEach(() => {
    sftpTracing.operation.unsubscribe(subscribers);
    steps.length = 0;
    ended.length = 0;
  });

  it('every request of an upload is told, with who, what, where and how much', async () => {
    const { client } = openChannel({ openFile: () => Promise.resolve(fileOf({})) });
    const handle = await open(client, 1, '/in/../a.txt');
    client.send(writeRequest(2, handle, Buffer.alloc(1000)), closeRequest(3, handle));
    await client.status(3);
    expect(ended).toMatchObject([
      { operation: 'open', path: '/a.txt', bytes: 0, error: undefined },
      { operation: 'write', path: '/a.txt', bytes: 1000, error: undefined },
      { operation: 'close', path: '/a.txt', bytes: 0, error: undefined },
    ]);
    for (const { connectionId, session, duration } of ended) {
      expect(connectionId).toBe('s1');
      expect(session.username).toBe('ann');
      expect(duration).toBeGreaterThanOrEqual(0);
    }
  });

  it('a read tells the bytes that it has given, and the end of the file is no failure', async () => {
    let left = 700;
    const file = fileOf({ read: () => left });
    const { client } = openChannel({ openFile: () => file });
    const handle = await open(client, 1, '/a');
    client.send(readRequest(2, handle, 4096));
    await client.reply(2);
    left = 0;
    client.send(readRequest(3, handle, 4096));
    expect(await client.status(3)).toMatchObject({ code: StatusCode.EOF });
    expect(ended.slice(1)).toMatchObject([
      { operation: 'read', bytes: 700, error: undefined },
      { operation: 'read', bytes: 0, error: undefined },
    ]);
  });

  it.each<[string, (id: number) => Buffer, Partial<OperationMessage>]>([
    [
      'rename',
      (id) => names(PacketType.RENAME, id, 'a', '/b'),
      { operation: 'rename', path: '/a' as never, to: '/b' as never },
    ],
    [
      'an extension with two paths',
      (id) => extended(id, 'posix-rename@openssh.com', '/a', '/c/'),
      { operation: 'posix-rename@openssh.com', path: '/a' as never, to: '/c' as never },
    ],
    [
      'remove',
      (id) => names(PacketType.REMOVE, id, '/x'),
      { operation: 'remove', path: '/x' as never, to: undefined },
    ],
    [
      'a path that is none',
      (id) => names(PacketType.REMOVE, id, 'a\0b'),
      { operation: 'remove', path: undefined },
    ],
    [
      'a handle that is none',
      (id) => closeRequest(id, Buffer.from('nonsense')),
      { operation: 'close', path: undefined },
    ],
  ])('%s is told by the names of the session', async (_name, make, expected) => {
    const { client } = openChannel({ rename: () => undefined, delete: () => undefined });
    client.send(make(7));
    await client.status(7);
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject(expected);
  });

  it.each([
    ['at once', (): never => { throw new SftpError('ENOSPC'); }, 'ENOSPC'], // prettier-ignore
    ['later', () => Promise.reject(new SftpError('EDQUOT')), 'EDQUOT'],
    ['with what is no error of SFTP', () => Promise.reject(new TypeError('bug')), 'EIO'],
  ])('a failure %s is told with its POSIX code', async (_when, makeDir, code) => {
    const { client } = openChannel({ makeDir });
    client.send(request(PacketType.MKDIR, 4, (w) => w.text('/d').uint32(0)));
    await client.status(4);
    expect(steps).toEqual(['start mkdir', 'error mkdir', 'asyncEnd mkdir']);
    expect(ended[0]?.error?.code).toBe(code);
  });

  it('a request that is refused as it comes has failed', async () => {
    const { client } = openChannel({});
    client.send(closeRequest(5, Buffer.alloc(4)));
    await client.status(5);
    expect(steps).toEqual(['start close', 'error close', 'asyncEnd close']);
    expect(ended[0]?.error?.code).toBe('EBADF');
  });

  it('a request that waits begins when it comes and ends when it is answered', async () => {
    const first = deferred();
    const { client } = openChannel({
      delete: () => first.promise,
      makeDir: () => undefined,
    });
    client.send(
      names(PacketType.REMOVE, 1, '/d'),
      request(PacketType.MKDIR, 2, (w) => w.text('/d').uint32(0)),
    );
    await client.until(() => steps.length === 2);
    expect(steps).toEqual(['start remove', 'start mkdir']);
    first.resolve(undefined);
    await client.status(2);
    expect(steps.slice(2)).toEqual(['asyncEnd remove', 'asyncEnd mkdir']);
  });

  it('a request that the backend never answers in time ends with ETIMEDOUT', async () => {
    const { client } = openChannel(
      { fileInfo: () => new Promise(() => undefined) },
      { timeouts: { open: 20, close: 20, request: 20 } },
    );
    client.send(statRequest(1));
    await client.status(1);
    expect(ended[0]?.error?.code).toBe('ETIMEDOUT');
  });
});

describe('without a subscriber', () => {
  it('nothing is looked up for a trace', async () => {
    let looks = 0;
    const session = {
      id: 's1',
      username: 'ann',
      peer: { address: '192.0.2.1', port: 4000, ident: 'Test_1.0' },
      attributes: {},
    };
    const watched = {
      ...session,
      get id() {
        looks += 1;
        return 's1';
      },
    };
    const { client } = openChannel(
      { fileInfo: () => ({ type: 'regular', size: 0 }) },
      { session: watched },
    );
    const before = looks;
    client.send(statRequest(1));
    await client.reply(1);
    expect(looks).toBe(before);
  });
});
