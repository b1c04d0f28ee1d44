import { afterEach, describe, expect, it, jest } from '@jest/globals';

import type { SftpBackend } from '../filesystem/backend.js';
import type { FileInfo } from '../filesystem/file-info.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { PacketType, StatusCode } from '../protocol/constants.js';
import {
  closeRequest,
  deferred,
  fileOf,
  init,
  open,
  openChannel,
  openRequest,
  readRequest,
  request,
  statRequest,
  turns,
  writeRequest,
} from './spec-support/channel.js';

const ROOT: FileInfo = { type: 'directory', size: 0 };
const SECRET = '/srv/secret/tenant-7';

/** A backend's method that gives what no type allows. */
function giving(value: unknown): () => never {
  return () => value as never;
}

/** A backend's method that rejects with what is no error. */
function rejecting(reason: unknown): () => Promise<never> {
  return () => Promise.resolve().then(() => Promise.reject(reason as Error));
}

describe('SftpChannel at its beginning', () => {
  it('answers INIT of any version with version 3 and what the backend can do', async () => {
    const { client } = openChannel({ copy: () => undefined });
    await client.until(() => client.received.length === 1);
    const version = client.received[0]!;
    expect(version.subarray(0, 5)).toEqual(Buffer.from([2, 0, 0, 0, 3]));
    expect(version.includes('copy-file')).toBe(true);
    expect(version.includes('statvfs@openssh.com')).toBe(false);
  });

  it.each([
    ['a packet of no bytes', Buffer.alloc(4)],
    ['a packet of 4 GiB', Buffer.alloc(4, 0xff)],
    ['a second INIT', init()],
    ['a request without an id', Buffer.from([0, 0, 0, 2, 17, 0])],
  ])('closes for %s, and serves nothing behind it', async (_what, malformed) => {
    const fileInfo = jest.fn(() => ROOT);
    const { channel, client, log } = openChannel({ fileInfo });
    client.send(Buffer.concat([statRequest(1), malformed, statRequest(2)]), statRequest(3));
    await channel.closed;
    await client.until(() => client.endedByServer);
    expect(client.exitStatus).toBe(1);
    expect(client.ids).toEqual([1]);
    expect(fileInfo).toHaveBeenCalledTimes(1);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('refuses what it cannot decode, and goes on', async () => {
    const { client } = openChannel({ fileInfo: () => ROOT });
    client.send(
      request(PacketType.STAT, 1),
      request(99, 2),
      request(PacketType.EXTENDED, 3, (w) => w.text('statvfs@openssh.com').text('/')),
      statRequest(4),
    );
    expect((await client.status(1)).code).toBe(StatusCode.BAD_MESSAGE);
    expect((await client.status(2)).code).toBe(StatusCode.OP_UNSUPPORTED);
    expect((await client.status(3)).code).toBe(StatusCode.OP_UNSUPPORTED);
    expect((await client.reply(4)).type).toBe(PacketType.ATTRS);
  });
});

describe('SftpChannel with a backend that misbehaves', () => {
  const failure = (): Error => new TypeError(`cannot read ${SECRET}`);
  const stat = statRequest(7);
  const opendir = request(PacketType.OPENDIR, 7, (w) => w.text('/'));
  const readlink = request(PacketType.READLINK, 7, (w) => w.text('/l'));
  const statvfs = request(PacketType.EXTENDED, 7, (w) => w.text('statvfs@openssh.com').text('/'));
  const owners = request(PacketType.EXTENDED, 7, (w) =>
    w.text('users-groups-by-id@openssh.com').bytes(Buffer.alloc(4)).text(''),
  );

  it.each<[string, Partial<SftpBackend>, Buffer]>([
    [
      'that throws',
      {
        fileInfo: () => {
          throw failure();
        },
      },
      stat,
    ],
    ['that rejects', { fileInfo: () => Promise.reject(failure()) }, stat],
    ['that rejects with what is no error', { fileInfo: rejecting(SECRET) }, stat],
    ['that rejects with nothing', { fileInfo: rejecting(undefined) }, stat],
    ['whose fileInfo gives nothing', { fileInfo: giving(undefined) }, stat],
    ['whose fileInfo gives null later', { fileInfo: giving(Promise.resolve(null)) }, stat],
    ['whose fileInfo gives a number', { fileInfo: giving(5) }, stat],
    ['whose fileInfo gives no size', { fileInfo: giving({ type: 'regular' }) }, stat],
    ['whose fileInfo gives no type', { fileInfo: giving({ size: 5 }) }, stat],
    ['whose fileInfo gives no directory', { fileInfo: giving({}) }, opendir],
    ['whose openFile gives nothing', { openFile: giving(undefined) }, openRequest(7, '/f')],
    ['whose openFile gives no file', { openFile: giving({}) }, openRequest(7, '/f')],
    ['whose listDir gives nothing', { fileInfo: () => ROOT, listDir: giving(null) }, opendir],
    ['whose listDir gives no list', { fileInfo: () => ROOT, listDir: giving({}) }, opendir],
    ['whose readLink gives no text', { readLink: giving(5) }, readlink],
    ['whose statVfs gives nothing', { statVfs: giving(undefined) }, statvfs],
    ['whose statVfs gives no numbers', { statVfs: giving({}) }, statvfs],
    ['whose ownerNames gives no lists', { ownerNames: giving({}) }, owners],
  ])('%s loses that request only, tells no secrets and logs them', async (_w, methods, packet) => {
    const { client, log } = openChannel(methods);
    client.send(
      packet,
      request(PacketType.REALPATH, 8, (w) => w.text('.')),
    );
    const { code, message } = await client.status(7);
    expect(code).toBe(StatusCode.FAILURE);
    expect(message).toBe('Input/output error');
    expect((await client.reply(8)).type).toBe(PacketType.NAME);
    const errors = log.lines.filter((line) => line.startsWith('error The backend failed to serve'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/\n.*(Error|secret|undefined)/);
    expect(client.exitStatus).toBeUndefined();
  });

  it('logs where the backend failed', async () => {
    const error = failure();
    const { client, log } = openChannel({ fileInfo: () => Promise.reject(error) });
    client.send(statRequest(1));
    await client.status(1);
    expect(error.stack).toContain('\n    at ');
    expect(log.lines).toContain(`error The backend failed to serve stat\n${error.stack}`);
  });

  it.each([-1, 1.5, 101, NaN, '5', undefined, null, 2n])(
    'does not believe a read that gives %p for 100 bytes',
    async (count) => {
      const { client } = openChannel({ openFile: () => fileOf({ read: giving(count) }) });
      const handle = await open(client, 1, '/f');
      client.send(readRequest(2, handle, 100), closeRequest(3, handle));
      expect(await client.status(2)).toEqual({
        code: StatusCode.FAILURE,
        message: 'Input/output error',
      });
      expect((await client.status(3)).code).toBe(StatusCode.OK);
    },
  );

  it('asks for no attributes of a directory whose listing needs none', async () => {
    const asked: string[] = [];
    const { client } = openChannel({
      listedDirectoryInfo: { type: 'directory', size: 0 },
      fileInfo: (path) => {
        asked.push(path);
        return ROOT;
      },
      listDir: () => [],
    });
    client.send(request(PacketType.OPENDIR, 1, (w) => w.text('/a/b')));
    const handle = (await client.reply(1)).body.bytes();
    client.send(request(PacketType.READDIR, 2, (w) => w.bytes(handle)));
    const { body } = await client.reply(2);
    expect([body.uint32(), body.text()]).toEqual([2, '.']);
    expect(asked).toEqual([]);
  });

  it('answers READDIR of entries that are none, and closes the listing', async () => {
    const { client } = openChannel({ fileInfo: () => ROOT, listDir: giving([null]) });
    client.send(request(PacketType.OPENDIR, 1, (w) => w.text('/')));
    const handle = (await client.reply(1)).body.bytes();
    client.send(
      request(PacketType.READDIR, 2, (w) => w.bytes(handle)),
      closeRequest(3, handle),
    );
    expect((await client.status(2)).code).toBe(StatusCode.FAILURE);
    expect((await client.status(3)).code).toBe(StatusCode.OK);
  });

  it.each([
    ['ENOENT', StatusCode.NO_SUCH_FILE, 'No such file or directory'],
    ['EACCES', StatusCode.PERMISSION_DENIED, 'Permission denied'],
    ['ENOSPC', StatusCode.FAILURE, 'No space left on device'],
  ])('keeps the code %s of an ErrnoException but not its text', async (code, status, text) => {
    const error = Object.assign(new Error(`${code}: open '${SECRET}'`), { code, path: SECRET });
    const { client, log } = openChannel({ fileInfo: () => Promise.reject(error) });
    client.send(statRequest(1));
    expect(await client.status(1)).toEqual({ code: status, message: text });
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it.each(['EACCES', 'ENOSPC', 'ETIMEDOUT'] as const)(
    'tells the log why a storage says %s, and the client nothing of it',
    async (code) => {
      const cause = new Error('The store refused', { cause: new Error(SECRET) });
      const { client, log } = openChannel({
        fileInfo: () => {
          throw new SftpError(code, undefined, { cause });
        },
      });
      client.send(statRequest(1));
      expect((await client.status(1)).message).not.toContain(SECRET);
      expect(log.lines).toEqual([expect.stringMatching(/^warn .*stat: .*The store refused: /)]);
      expect(log.lines.join()).toContain(SECRET);
    },
  );

  it('tells the client the text of an SftpError', async () => {
    const { client } = openChannel({
      fileInfo: () => {
        throw new SftpError('EBUSY', 'The mailbox is being moved', { cause: failure() });
      },
    });
    client.send(statRequest(1));
    expect(await client.status(1)).toEqual({
      code: StatusCode.FAILURE,
      message: 'The mailbox is being moved',
    });
  });

  it('gives back the place of a handle that could not be opened', async () => {
    let works = false;
    const openFile = (): never => (works ? fileOf({}) : undefined) as never;
    const { client } = openChannel({ openFile }, { limits: { maxHandles: 1 } });
    for (const id of [1, 2, 3]) {
      client.send(openRequest(id, '/f'));
      expect((await client.status(id)).code).toBe(StatusCode.FAILURE);
    }
    works = true;
    await open(client, 4, '/f');
    client.send(openRequest(5, '/g'));
    expect((await client.status(5)).message).toContain('Too many open handles; 1');
  });
});

describe('SftpChannel answers', () => {
  it.each([
    { ident: 'OpenSSH_9.2p1', order: [1, 2, 3] },
    { ident: 'WS_FTP-12', order: [1, 2, 3] },
    { ident: 'OpenSSH_9.9', order: [2, 3, 1] },
    { ident: 'Other_1', order: [2, 3, 1] },
  ])('$ident in the order $order when the first takes long', async ({ ident, order }) => {
    const slow = deferred<FileInfo>();
    const { client } = openChannel(
      { fileInfo: (path) => (path === '/slow' ? slow.promise : ROOT) },
      { ident },
    );
    client.send(statRequest(1, '/slow'), statRequest(2), request(99, 3));
    await turns();
    expect(client.ids).toEqual(order[0] === 1 ? [] : [2, 3]);
    slow.resolve(ROOT);
    await client.until(() => client.ids.length === 3);
    expect(client.ids).toEqual(order);
  });

  it('tells what is below before each reply', async () => {
    const beforeSend = jest.fn();
    const { client } = openChannel({ fileInfo: () => ROOT }, { beforeSend });
    client.send(statRequest(1), statRequest(2));
    await client.until(() => client.ids.length === 2);
    expect(beforeSend).toHaveBeenCalledTimes(3);
  });
});

describe('SftpChannel and its buffers', () => {
  const SIZE = 20_000;

  /** In two chunks, so that the packet is put together in a buffer of the pool. */
  function inTwo(packet: Buffer): [Buffer, Buffer] {
    return [packet.subarray(0, 5000), packet.subarray(5000)];
  }

  afterEach(() => {
    jest.useRealTimers();
  });

  it('does not use the buffer of a WRITE again before the backend has done with it', async () => {
    const gates = [deferred(), deferred(), deferred()];
    const seen: Uint8Array[] = [];
    const { client, buffers } = openChannel({
      openFile: () =>
        fileOf({
          write: (data) => {
            seen.push(data);
            return gates[seen.length - 1]!.promise;
          },
        }),
    });
    const handles = [await open(client, 1, '/a'), await open(client, 2, '/b')];
    client.send(...inTwo(writeRequest(3, handles[0]!, Buffer.alloc(SIZE, 'a'))));
    client.send(...inTwo(writeRequest(4, handles[1]!, Buffer.alloc(SIZE, 'b'))));
    await turns();
    const [a, b] = seen as [Uint8Array, Uint8Array];
    expect(a.buffer).not.toBe(b.buffer);
    buffers.take(SIZE).fill(0xee);
    expect(Buffer.from(a).equals(Buffer.alloc(SIZE, 'a'))).toBe(true);

    gates[1]?.resolve(undefined);
    expect((await client.status(4)).code).toBe(StatusCode.OK);
    client.send(...inTwo(writeRequest(5, handles[1]!, Buffer.alloc(SIZE, 'c'))));
    await turns();
    expect(seen[2]?.buffer).toBe(b.buffer);
    expect(Buffer.from(a).equals(Buffer.alloc(SIZE, 'a'))).toBe(true);

    for (const gate of gates) gate.resolve(undefined);
    expect((await client.status(3)).code).toBe(StatusCode.OK);
    expect((await client.status(5)).code).toBe(StatusCode.OK);
  });

  it('never uses the buffer of a WRITE again that has run out of time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const seen: Uint8Array[] = [];
    const { client, buffers } = openChannel({
      openFile: () =>
        fileOf({ write: (data) => (seen.push(data), new Promise<void>(() => undefined)) }),
    });
    const handle = await open(client, 1, '/a');
    client.send(...inTwo(writeRequest(2, handle, Buffer.alloc(SIZE, 'a'))));
    await turns();
    await jest.advanceTimersByTimeAsync(30_000);
    expect((await client.status(2)).message).toContain('write took longer than 30000 ms');
    for (let count = 0; count < 10; count++) {
      expect(buffers.take(SIZE).buffer).not.toBe(seen[0]?.buffer);
    }
  });

  it('hands the content of a READ over as it was when the backend gave it', async () => {
    let next = 0;
    const { client } = openChannel({
      openFile: () => fileOf({ read: (target) => (target.fill(++next), target.length) }),
    });
    const handle = await open(client, 1, '/a');
    const lengths = [10, 9000, 32_768, 100_000, 9000, 32_768];
    client.send(...lengths.map((length, index) => readRequest(10 + index, handle, length)));
    for (const [index, length] of lengths.entries()) {
      const { type, body } = await client.reply(10 + index);
      expect(type).toBe(PacketType.DATA);
      expect(body.bytes().equals(Buffer.alloc(length, index + 1))).toBe(true);
    }
  });

  it.each([
    { length: 0, content: 0, type: PacketType.DATA },
    { length: 100, content: 0, type: PacketType.STATUS },
    { length: 100, content: 1, type: PacketType.DATA },
    { length: 40_000, content: 30_000, type: PacketType.DATA },
    { length: 0xffffffff, content: 261_120, type: PacketType.DATA },
  ])('answers a READ of $length with $content bytes', async ({ length, content, type }) => {
    const { client } = openChannel({
      openFile: () => fileOf({ read: (target) => (target.fill(7), content) }),
    });
    const handle = await open(client, 1, '/a');
    client.send(readRequest(2, handle, length));
    const reply = await client.reply(2);
    expect(reply.type).toBe(type);
    if (type === PacketType.DATA) {
      expect(reply.body.bytes().equals(Buffer.alloc(content, 7))).toBe(true);
    } else {
      expect(reply.body.uint32()).toBe(StatusCode.EOF);
    }
    expect(reply.body.remaining === 0 || type === PacketType.STATUS).toBe(true);
  });
});
