import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Global, Module } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import { normalizePath, SFTP_BACKEND, SftpBackend, SftpError, SftpServer } from '../../index.js';
import { pattern } from '../contract/bytes.js';
import { altered } from '../contract/spec-support/altered.js';
import {
  generateTestKey,
  SftpTestClient,
  SftpTestError,
  SftpTestServer,
  type SftpTestServerOptions,
} from '../index.js';

let server: SftpTestServer;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sftp-test-server-'));
});

afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

/** Starts a server and logs in as its default user. */
async function connected(options?: SftpTestServerOptions): Promise<SftpTestClient> {
  server = await SftpTestServer.start(options);
  return server.connect();
}

describe('SftpTestServer', () => {
  it('needs no options: memory, and a user test with the password test', async () => {
    const client = await connected();
    expect(await client.list('/')).toEqual([]);
    expect(server.app.get<unknown>(SFTP_BACKEND, { strict: false })).toBeInstanceOf(MemoryBackend);
    expect(server.server.address()).toMatchObject({ address: '127.0.0.1', port: server.port });
  });

  it('stores in the backend that it is given', async () => {
    const backend = new MemoryBackend();
    const client = await connected({ backend });
    await client.writeFile('/f', 'hello');
    expect(backend.fileInfo(normalizePath('/f')).size).toBe(5);
  });

  it('takes the options of SftpModule, with providers of the application', async () => {
    const seen: string[] = [];
    class Guard {
      authenticatePassword(username: string, password: string): boolean {
        seen.push(username);
        return password === 'sesame';
      }
    }
    @Global()
    @Module({ providers: [Guard], exports: [Guard] })
    class GuardModule {}
    server = await SftpTestServer.start({
      imports: [GuardModule],
      auth: { useExisting: Guard },
      backend: new MemoryBackend(),
      maxHandles: 5,
    });
    const client = await server.connect({ username: 'anna', password: 'sesame' });
    expect(await client.exists('/')).toBe(true);
    expect(seen).toEqual(['anna']);
    await expect(server.connect({ username: 'anna', password: 'wrong' })).rejects.toThrow(
      /log-in of anna failed.*authentication/,
    );
  });

  it('finds the backend that a module of the application brings', async () => {
    @SftpBackend({ mount: '/' })
    class Inbox extends MemoryBackend {}
    @Module({ providers: [Inbox] })
    class InboxModule {}
    const client = await connected({ imports: [InboxModule] });
    await client.writeFile('/f', 'hello');
    const inbox = server.app.get(Inbox, { strict: false });
    expect(inbox.fileInfo(normalizePath('/f')).size).toBe(5);
  });

  it('lets a user in by a key', async () => {
    const key = generateTestKey();
    server = await SftpTestServer.start({
      auth: {
        passwords: [{ username: 'anna', password: 'secret', authorizedKeys: [key.publicKey] }],
      },
    });
    const { privateKey } = key;
    const client = await server.connect({ username: 'anna', privateKey });
    expect(await client.exists('/')).toBe(true);
    const other = generateTestKey().privateKey;
    await expect(server.connect({ username: 'anna', privateKey: other })).rejects.toThrow(
      /log-in of anna failed/,
    );
  });

  it('says what is wrong with its options', async () => {
    server = await SftpTestServer.start();
    await expect(SftpTestServer.start({ port: -1 })).rejects.toThrow(/port: must be/);
  });

  it('close hangs up its clients, and may be called twice', async () => {
    const client = await connected();
    await server.close();
    expect(server.server.address()).toBeNull();
    expect(() => server.port).toThrow(/does not listen/);
    await expect(client.stat('/')).rejects.toThrow(SftpTestError);
    await client.close();
    await server.close();
    await expect(server.connect()).rejects.toThrow(/does not listen/);
  });

  it('ends with the block that it was made in', async () => {
    server = await SftpTestServer.start();
    const client = await server.connect();
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    expect(server.server.address()).toBeNull();
  });
});

describe('SftpTestClient', () => {
  it('logs in to an application that was made without SftpTestServer', async () => {
    server = await SftpTestServer.start();
    const client = await SftpTestClient.connect(server.app.get(SftpServer, { strict: false }));
    expect(await client.exists('/')).toBe(true);
    await client.close();
    await expect(client.stat('/')).rejects.toMatchObject({ status: 'CONNECTION_LOST' });
  });

  it('writes and reads whole contents', async () => {
    const client = await connected();
    for (const content of [Buffer.alloc(0), Buffer.from('füß'), pattern(3_000_000, 1)]) {
      await client.writeFile('/f', content);
      expect((await client.readFile('/f')).equals(content)).toBe(true);
    }
    await client.writeFile('/f', 'text');
    expect((await client.readFile('/f')).toString()).toBe('text');
  });

  it('puts and gets local files', async () => {
    const client = await connected();
    const content = pattern(1_000_000, 2);
    const [from, to] = [path.join(directory, 'from'), path.join(directory, 'to')];
    await writeFile(from, content);
    await client.put(from, '/f');
    await client.get('/f', to);
    expect((await readFile(to)).equals(content)).toBe(true);
  });

  it('lists by name, with attributes', async () => {
    const client = await connected();
    await client.mkdir('/dir');
    await client.writeFile('/b', 'hello');
    await client.writeFile('/a', '');
    const entries = await client.list('/');
    expect(entries.map(({ name, type, size }) => ({ name, type, size }))).toEqual([
      { name: 'a', type: 'regular', size: 0 },
      { name: 'b', type: 'regular', size: 5 },
      { name: 'dir', type: 'directory', size: 0 },
    ]);
    expect(entries[0]?.longname).toMatch(/^-rw.* a$/);
  });

  it('makes, renames and removes', async () => {
    const client = await connected();
    await client.mkdir('/d');
    await client.writeFile('/d/f', 'x');
    await client.rename('/d/f', '/d/g');
    expect([await client.exists('/d/f'), await client.exists('/d/g')]).toEqual([false, true]);
    await client.remove('/d/g');
    await client.rmdir('/d');
    expect(await client.list('/')).toEqual([]);
  });

  it('sets attributes', async () => {
    const client = await connected();
    await client.writeFile('/f', 'hello');
    const time = new Date('2001-09-09T01:46:40Z');
    await client.setstat('/f', { size: 2, mode: 0o600, accessedAt: time, modifiedAt: time });
    expect(await client.stat('/f')).toEqual({
      type: 'regular',
      size: 2,
      mode: 0o600,
      uid: 0,
      gid: 0,
      accessedAt: time,
      modifiedAt: time,
    });
  });

  it.each<[string, (client: SftpTestClient) => Promise<unknown>]>([
    ['stat', (client) => client.stat('/nowhere')],
    ['list', (client) => client.list('/nowhere')],
    ['readFile', (client) => client.readFile('/nowhere')],
    ['get', (client) => client.get('/nowhere', path.join(directory, 'f'))],
    ['writeFile', (client) => client.writeFile('/nowhere/f', 'x')],
    ['mkdir', (client) => client.mkdir('/nowhere/d')],
    ['rmdir', (client) => client.rmdir('/nowhere')],
    ['remove', (client) => client.remove('/nowhere')],
    ['rename', (client) => client.rename('/nowhere', '/f')],
    ['setstat', (client) => client.setstat('/nowhere', { mode: 0o600 })],
  ])('%s of a missing file: NO_SUCH_FILE', async (method, call) => {
    const client = await connected();
    const error = await call(client).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SftpTestError);
    expect(error).toMatchObject({
      status: 'NO_SUCH_FILE',
      reason: 'No such file or directory',
    });
    expect(String(error)).toContain(`${method} /nowhere`);
  });

  it('names the status and says what the server said', async () => {
    const backend = altered<SftpBackend>(new MemoryBackend(), {
      makeDir: () => {
        throw new SftpError('EACCES', 'Not on a Sunday');
      },
    });
    const client = await connected({ backend });
    await expect(client.mkdir('/d')).rejects.toMatchObject({
      name: 'SftpTestError',
      status: 'PERMISSION_DENIED',
      message: 'mkdir /d: PERMISSION_DENIED: Not on a Sunday',
    });
  });

  it('fails what is under way when the connection is lost', async () => {
    let called = (): void => undefined;
    const calling = new Promise<void>((resolve) => (called = resolve));
    const backend = altered<SftpBackend>(new MemoryBackend(), {
      makeDir: () => {
        called();
        return new Promise(() => undefined);
      },
    });
    const client = await connected({ backend, drainTimeout: 0 });
    const outcome = expect(client.mkdir('/d')).rejects.toMatchObject({ status: 'CONNECTION_LOST' });
    await calling;
    await server.server.stop();
    await outcome;
  });

  it('keeps to a server that listens', async () => {
    server = await SftpTestServer.start();
    await server.server.stop();
    await expect(SftpTestClient.connect(server.server)).rejects.toThrow(/does not listen/);
  });

  it('reaches a server that listens on all addresses', async () => {
    const client = await connected({ host: '0.0.0.0' });
    expect(await client.exists('/')).toBe(true);
  });
});
