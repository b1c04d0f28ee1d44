import { describe, expect, it } from '@jest/globals';

import type { AttributeChanges, DirEntry } from '../filesystem/file-info.js';
import { SftpError } from '../filesystem/sftp-error.js';
import { readAttributes } from '../protocol/attributes.js';
import { AttributeFlag, PacketType, StatusCode } from '../protocol/constants.js';
import { SessionUploads } from './session-uploads.js';
import {
  type ClientStream,
  closeRequest,
  deferred,
  fileOf,
  open,
  openChannel,
  request,
  statRequest,
  writeRequest,
} from './spec-support/channel.js';

/** A backend of which nothing is there before its CLOSE. */
function stagingBackend(staged = true) {
  const set: AttributeChanges[] = [];
  const state = { size: 0, closed: false, failing: false, set, writing: Promise.resolve() };
  const file = fileOf({
    ...(staged && { staged }),
    write: async (data, offset) => {
      await state.writing;
      state.size = offset + data.length;
    },
    stat: () => {
      if (state.failing) throw new SftpError('EIO');
      return { type: 'regular', size: state.size };
    },
    setAttributes: (changes) => void set.push(changes),
    close: () => void (state.closed = true),
  });
  return {
    state,
    backend: {
      openFile: () => file,
      fileInfo: () => {
        if (!state.closed) throw new SftpError('ENOENT');
        return { type: 'regular' as const, size: 1000 + state.size };
      },
      setAttributes: () => {
        throw new SftpError('ENOENT');
      },
    },
  };
}

function entry(name: string, size: number): DirEntry {
  return { name, info: { type: 'regular', size } };
}

/** The names and sizes of a directory that fits into one page. */
async function listing(
  client: ClientStream,
  id: number,
  path: string,
): Promise<Record<string, number>> {
  client.send(request(PacketType.OPENDIR, id, (w) => w.text(path)));
  const handle = (await client.reply(id)).body.bytes();
  client.send(request(PacketType.READDIR, id + 1, (w) => w.bytes(handle)));
  const { type, body } = await client.reply(id + 1);
  expect(type).toBe(PacketType.NAME);
  const sizes: Record<string, number> = {};
  for (let left = body.uint32(); left > 0; left -= 1) {
    const name = body.text();
    body.text();
    sizes[name] = readAttributes(body).size ?? -1;
  }
  return sizes;
}

async function sizeOf(client: ClientStream, id: number): Promise<number> {
  const { type, body } = await client.reply(id);
  expect(type).toBe(PacketType.ATTRS);
  expect(body.uint32() & AttributeFlag.SIZE).not.toBe(0);
  return body.uint64();
}

function setMode(id: number, path: string): Buffer {
  return request(PacketType.SETSTAT, id, (w) =>
    w.text(path).uint32(AttributeFlag.PERMISSIONS).uint32(0o600),
  );
}

describe("a client's own uploads that nobody else can see yet", () => {
  it.each([PacketType.STAT, PacketType.LSTAT])(
    'are there for request %i, as long as they have become by then',
    async (type) => {
      const { state, backend } = stagingBackend();
      const { client } = openChannel(backend);
      const handle = await open(client, 1, '/x');
      const gate = deferred();
      state.writing = gate.promise;
      client.send(
        writeRequest(2, handle, Buffer.alloc(7)),
        request(type, 3, (w) => w.text('/x')),
      );
      gate.resolve(undefined);
      expect(await sizeOf(client, 3)).toBe(7);
    },
  );

  it('can be given attributes by their names', async () => {
    const { state, backend } = stagingBackend();
    const { client } = openChannel(backend);
    await open(client, 1, '/x');
    client.send(setMode(2, '/x'));
    expect(await client.status(2)).toMatchObject({ code: StatusCode.OK });
    expect(state.set).toEqual([{ mode: 0o600 }]);
  });

  it('are what the backend says once they are closed', async () => {
    const { backend } = stagingBackend();
    const { client } = openChannel(backend);
    const handle = await open(client, 1, '/x');
    client.send(closeRequest(2, handle), statRequest(3, '/x'));
    expect(await sizeOf(client, 3)).toBe(1000);
  });

  it('are not there any more when a write has failed: they will not be stored', async () => {
    const { state, backend } = stagingBackend();
    state.writing = Promise.reject(new SftpError('ENOSPC'));
    state.writing.catch(() => undefined);
    const { client } = openChannel(backend);
    const handle = await open(client, 1, '/x');
    client.send(writeRequest(2, handle, Buffer.alloc(7)), statRequest(3, '/x'));
    expect(await client.status(3)).toMatchObject({ code: StatusCode.NO_SUCH_FILE });
  });

  it('have no other names', async () => {
    const { backend } = stagingBackend();
    const { client } = openChannel(backend);
    await open(client, 1, '/x');
    client.send(statRequest(2, '/y'));
    expect(await client.status(2)).toMatchObject({ code: StatusCode.NO_SUCH_FILE });
  });

  it('are left to the backend where all can see them', async () => {
    const { backend } = stagingBackend(false);
    const { client } = openChannel(backend);
    await open(client, 1, '/x');
    client.send(statRequest(2, '/x'), setMode(3, '/x'));
    expect(await client.status(2)).toMatchObject({ code: StatusCode.NO_SUCH_FILE });
    expect(await client.status(3)).toMatchObject({ code: StatusCode.NO_SUCH_FILE });
  });

  it('are not those of another session', async () => {
    const { backend } = stagingBackend();
    await open(openChannel(backend).client, 1, '/x');
    const other = openChannel(backend).client;
    other.send(statRequest(1, '/x'));
    expect(await other.status(1)).toMatchObject({ code: StatusCode.NO_SUCH_FILE });
  });

  it('are there for the other channels of the session, until their channel is over', async () => {
    const { backend } = stagingBackend();
    const uploads = new SessionUploads();
    const { channel, client } = openChannel(backend, { uploads });
    const handle = await open(client, 1, '/x');
    client.send(writeRequest(2, handle, Buffer.alloc(7)));
    await client.status(2);
    const other = openChannel(backend, { uploads }).client;
    other.send(statRequest(1, '/x'));
    expect(await sizeOf(other, 1)).toBe(7);
    channel.peerGone();
    client.sendEof();
    await channel.closed;
    other.send(statRequest(2, '/x'));
    expect(await other.status(2)).toMatchObject({ code: StatusCode.NO_SUCH_FILE });
  });

  it('are listed in the place of what bears their names', async () => {
    const { backend } = stagingBackend();
    const listDir = (): DirEntry[] => [entry('other', 1), entry('x', 2)];
    const directory = { type: 'directory' as const, size: 0 };
    const { client } = openChannel({ ...backend, fileInfo: () => directory, listDir });
    const handle = await open(client, 1, '/x');
    await open(client, 2, '/elsewhere/y');
    client.send(writeRequest(3, handle, Buffer.alloc(7)));
    expect(await listing(client, 4, '/')).toEqual({ '.': 0, '..': 0, other: 1, x: 7 });
  });

  it('are not listed when they cannot tell what they are', async () => {
    const { state, backend } = stagingBackend();
    state.failing = true;
    const directory = { type: 'directory' as const, size: 0 };
    const { client } = openChannel({ ...backend, fileInfo: () => directory, listDir: () => [] });
    await open(client, 1, '/x');
    expect(await listing(client, 2, '/')).toEqual({ '.': 0, '..': 0 });
  });
});
