import { describe, expect, it } from '@jest/globals';

import { PacketType, StatusCode } from '../protocol/constants.js';
import {
  closeRequest,
  deferred,
  fileOf,
  open,
  openChannel,
  openRequest,
  readRequest,
  statRequest,
  turns,
  writeRequest,
} from './spec-support/channel.js';

const KIB = 1024;
const MAX_BUFFERED = 512 * KIB;
const ROOT = { type: 'directory', size: 0 } as const;

function ids(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

describe('SftpChannel takes in no more than it has room for', () => {
  it('when the backend does not get on with writes, and goes on when it does', async () => {
    const gate = deferred();
    let writes = 0;
    const { client } = openChannel({
      openFile: () => fileOf({ write: () => (++writes, gate.promise) }),
    });
    const handle = await open(client, 1, '/f');
    const packets = ids(100, 100).map((id) => writeRequest(id, handle, Buffer.alloc(32 * KIB)));
    const packet = packets[0]?.length ?? 0;
    client.send(...packets);
    await turns();
    const taken = packets.length * packet - client.readableLength;
    expect(writes).toBe(1);
    expect(taken).toBeGreaterThan(MAX_BUFFERED / 2);
    expect(taken).toBeLessThanOrEqual(MAX_BUFFERED + packet);

    gate.resolve(undefined);
    await client.until(() => client.ids.length === 101);
    expect(client.ids.slice(1)).toEqual(ids(100, 100));
    expect(writes).toBe(100);
    expect(client.readableLength).toBe(0);
  });

  it('when the client does not read its replies, and goes on when it does', async () => {
    let reads = 0;
    const { client } = openChannel({
      openFile: () => fileOf({ read: (target) => (++reads, target.length) }),
    });
    const handle = await open(client, 1, '/f');
    client.stopReading();
    client.send(...ids(100, 200).map((id) => readRequest(id, handle, 32 * KIB)));
    await turns();
    expect(reads * 32 * KIB).toBeGreaterThan(MAX_BUFFERED / 2);
    expect(reads * 32 * KIB).toBeLessThanOrEqual(MAX_BUFFERED + 64 * KIB);

    client.startReading();
    await client.until(() => client.ids.length === 201);
    expect(reads).toBe(200);
  });

  it('however small the requests are', async () => {
    let calls = 0;
    const gate = deferred<typeof ROOT>();
    const { client } = openChannel({ fileInfo: () => (++calls, gate.promise) });
    client.send(...ids(1, 5000).map((id) => statRequest(id)));
    await turns();
    expect(calls).toBeGreaterThan(16);
    expect(calls).toBeLessThanOrEqual(MAX_BUFFERED / 4096);
    gate.resolve(ROOT);
    await client.until(() => client.ids.length === 5000);
  });

  it('when what is below it has fallen behind, until that has caught up', async () => {
    let congested = true;
    let calls = 0;
    const { channel, client } = openChannel(
      { fileInfo: () => (++calls, ROOT) },
      { congested: () => congested },
    );
    client.send(statRequest(1));
    await turns();
    expect(calls).toBe(0);
    congested = false;
    channel.resume();
    expect((await client.reply(1)).type).toBe(PacketType.ATTRS);
  });

  it('serves thousands of requests of one chunk without a deep stack', async () => {
    const { client } = openChannel({ fileInfo: () => ROOT });
    client.send(Buffer.concat(ids(1, 20_000).map((id) => statRequest(id))));
    await client.until(() => client.ids.length === 20_000);
    expect(client.ids).toEqual(ids(1, 20_000));
  });
});

describe('SftpChannel ends', () => {
  it('after EOF when all is answered, with status 0', async () => {
    const gate = deferred<typeof ROOT>();
    const { channel, client } = openChannel({ fileInfo: () => gate.promise });
    client.send(statRequest(1), statRequest(2));
    client.sendEof();
    await turns();
    expect(client.exitStatus).toBeUndefined();
    expect(channel.working).toBe(true);
    gate.resolve(ROOT);
    await channel.closed;
    await client.until(() => client.endedByServer);
    expect(client.ids).toEqual([1, 2]);
    expect(client.exitStatus).toBe(0);
    expect(channel.working).toBe(false);
  });

  it('after EOF only when the last reply has been sent', async () => {
    const { client } = openChannel({ fileInfo: () => ROOT });
    await client.until(() => client.received.length === 1);
    client.stopReading();
    client.send(statRequest(1));
    client.sendEof();
    await turns();
    expect(client.exitStatus).toBeUndefined();
    client.startReading();
    await client.until(() => client.endedByServer);
    expect(client.exitStatus).toBe(0);
    expect(client.ids).toEqual([1]);
  });

  it('after EOF in the middle of a packet, which is not served', async () => {
    const { channel, client, log } = openChannel({ fileInfo: () => ROOT });
    client.send(statRequest(1), statRequest(2).subarray(0, 9));
    client.sendEof();
    await channel.closed;
    expect(client.exitStatus).toBe(0);
    expect(log.lines.join()).toContain('cut off');
    await client.until(() => client.endedByServer);
    expect(client.ids).toEqual([1]);
  });

  it('with what the client has closed committed, and what it has left open aborted', async () => {
    const gate = deferred();
    const calls: string[] = [];
    const { channel, client } = openChannel({
      openFile: (path) =>
        fileOf({
          write: () => gate.promise,
          close: () => void calls.push(`close ${path}`),
          abort: () => void calls.push(`abort ${path}`),
        }),
    });
    const whole = await open(client, 1, '/whole');
    await open(client, 2, '/part');
    client.send(writeRequest(3, whole, Buffer.from('x')), closeRequest(4, whole));
    await turns();
    channel.peerGone();
    client.sendEof();
    await turns();
    expect(calls).toEqual([]);
    gate.resolve(undefined);
    await channel.closed;
    expect(calls).toEqual(['close /whole', 'abort /part']);
    expect(client.ids).toEqual([1, 2]);
  });

  it('at once when it is terminated: what is open is aborted, once', async () => {
    const calls: string[] = [];
    const slow = deferred<typeof ROOT>();
    const { channel, client } = openChannel({
      openFile: (path) =>
        fileOf({
          close: () => void calls.push(`close ${path}`),
          abort: () => void calls.push(`abort ${path}`),
        }),
      fileInfo: () => slow.promise,
    });
    await open(client, 1, '/a');
    await open(client, 2, '/b');
    client.send(statRequest(3));
    await turns();
    channel.terminate('the server stops');
    channel.terminate('again');
    channel.peerGone();
    await channel.closed;
    expect(calls).toEqual(['abort /a', 'abort /b']);
    expect(client.exitStatus).toBe(1);
    await client.until(() => client.endedByServer);
    slow.resolve(ROOT);
    await turns();
    expect(client.ids).toEqual([1, 2]);
  });

  it('without a call to a file after its abort, whatever was queued', async () => {
    const gate = deferred();
    const calls: string[] = [];
    const { channel, client } = openChannel({
      openFile: () =>
        fileOf({
          write: () => (calls.push('write'), gate.promise),
          close: () => void calls.push('close'),
          abort: () => void calls.push('abort'),
        }),
    });
    const handle = await open(client, 1, '/f');
    client.send(...[2, 3, 4].map((id) => writeRequest(id, handle, Buffer.from('x'))));
    await turns();
    channel.terminate('the server stops');
    await turns();
    expect(calls).toEqual(['write']);
    gate.resolve(undefined);
    await channel.closed;
    await turns();
    expect(calls).toEqual(['write', 'abort']);
  });

  it('lets go of a file that comes from the backend when it is over', async () => {
    const gate = deferred<ReturnType<typeof fileOf>>();
    const aborted = deferred();
    const { channel, client } = openChannel({ openFile: () => gate.promise });
    client.send(openRequest(1, '/late'));
    await turns();
    channel.terminate('the server stops');
    gate.resolve(fileOf({ abort: () => aborted.resolve(undefined) }));
    await aborted.promise;
    expect(client.ids).toEqual([]);
  });

  it('tells of a file that could not be let go', async () => {
    const { channel, client, log } = openChannel({
      openFile: () => fileOf({ abort: () => Promise.reject(new Error('stuck')) }),
    });
    await open(client, 1, '/f');
    channel.terminate('the server stops');
    await channel.closed;
    expect(log.lines.join()).toContain('error "/f" could not be let go');
  });
});

describe('SftpChannel is quiet', () => {
  it('when nothing is open or under way and every reply has been sent', async () => {
    const { channel, client } = openChannel({ openFile: () => fileOf({}) });
    const handle = await open(client, 1, '/f');
    let quiet = false;
    void channel.whenQuiet().then(() => (quiet = true));
    await turns();
    expect(quiet).toBe(false);
    client.stopReading();
    client.send(closeRequest(2, handle));
    await turns();
    expect(quiet).toBe(false);
    client.startReading();
    expect((await client.status(2)).code).toBe(StatusCode.OK);
    await turns();
    expect(quiet).toBe(true);
  });

  it('when it is over', async () => {
    const { channel, client } = openChannel({ openFile: () => fileOf({}) });
    await open(client, 1, '/f');
    const quiet = channel.whenQuiet();
    channel.terminate('the server stops');
    await expect(quiet).resolves.toBeUndefined();
    await expect(channel.whenQuiet()).resolves.toBeUndefined();
  });
});
