import { describe, expect, it } from '@jest/globals';

import { MemoryBackend } from '../../backends/memory/index.js';
import type { RandomAccessBackend } from '../../filesystem/backend.js';
import { normalizePath } from '../../filesystem/path.js';
import { ServedBackend } from '../server/served-backend.js';
import { checkedControllerOptions } from '../server/sftp-backend-controller-options.js';
import { flags, Loopback, loopbackTo, SESSION } from '../spec-support/loopback.js';
import { CAPABILITIES, type Capability } from '../../filesystem/backend-methods.js';
import { SftpBackendClient } from './sftp-backend-client.js';

const FILE = normalizePath('/file');

function loopback(backend: RandomAccessBackend = new MemoryBackend()): Loopback {
  return loopbackTo(new ServedBackend(backend, checkedControllerOptions({})));
}

function answering(value: unknown): Loopback {
  return new Loopback(() => Promise.resolve(value));
}

/** The optional members that a client has. */
function membersOf(client: SftpBackendClient): Capability[] {
  return CAPABILITIES.filter((name) => client[name] !== undefined);
}

describe('what a client can do', () => {
  it('is what every backend must, before it has asked', () => {
    expect(membersOf(new SftpBackendClient(loopback()))).toEqual([]);
  });

  it('is all that the remote backend can, once it has asked', async () => {
    const client = new SftpBackendClient(loopback());
    await client.onModuleInit();
    expect(membersOf(client)).toEqual([...CAPABILITIES]);
  });

  it.each(CAPABILITIES)('is without %s where the remote backend is', async (name) => {
    const backend = Object.assign(new MemoryBackend() as RandomAccessBackend, {
      [name]: undefined,
    });
    const client = new SftpBackendClient(loopback(backend));
    await client.connect();
    expect(membersOf(client)).toEqual(CAPABILITIES.filter((other) => other !== name));
  });

  it('is what the option says, without asking', async () => {
    const proxy = loopback();
    const client = new SftpBackendClient(proxy, { capabilities: ['copy', 'supportsSync'] });
    await client.onModuleInit();
    expect(membersOf(client)).toEqual(['copy', 'supportsSync']);
    expect(proxy.sent).toEqual([]);
  });

  it('leaves out what only a later version knows', async () => {
    const proxy = answering({
      value: { version: 1, capabilities: ['copy', 'teleport', '__proto__'] },
    });
    const client = new SftpBackendClient(proxy);
    await client.connect();
    expect(membersOf(client)).toEqual(['copy']);
  });

  it('is asked once, however often it is started', async () => {
    const proxy = loopback();
    const client = new SftpBackendClient(proxy);
    await Promise.all([client.onModuleInit(), client.onModuleInit(), client.connect()]);
    expect(proxy.sent).toEqual(['sftp-backend.describe']);
  });
});

describe('a client that cannot learn what the other side can do', () => {
  const startError = async (proxy: Loopback): Promise<unknown> =>
    new SftpBackendClient(proxy, { pattern: 'files' }).onModuleInit().then(
      () => 'It has started',
      (error: unknown) => (error as Error).message,
    );

  it('names the pattern, the reason and the fix', async () => {
    const proxy = new Loopback(() =>
      Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:4000')),
    );
    expect(await startError(proxy)).toBe(
      `SftpBackendClient cannot learn what its remote backend can do: ` +
        `files.describe: connect ECONNREFUSED 127.0.0.1:4000. Start the service whose controllers include ` +
        `SftpBackendController(..., { pattern: 'files' }) first, or name what it can do in the option ` +
        `'capabilities' to start without it.`,
    );
  });

  it('tells of another version', async () => {
    expect(await startError(answering({ value: { version: 2, capabilities: [] } }))).toContain(
      'the other side speaks version 2 of the messages and this one 1, so they need the same version',
    );
  });

  it('does not start with an answer that makes no sense', async () => {
    expect(await startError(answering({ value: {} }))).toContain('version must be a whole number');
  });

  it('can try again', async () => {
    const served = new ServedBackend(new MemoryBackend(), checkedControllerOptions({}));
    let up = false;
    const proxy = new Loopback((_pattern, data) =>
      up ? served.answer('describe', data) : Promise.reject(new Error('down')),
    );
    const client = new SftpBackendClient(proxy);
    await expect(client.connect()).rejects.toThrow('down');
    up = true;
    await client.connect();
    expect(membersOf(client)).toContain('copy');
  });
});

describe('an open file', () => {
  it('has the optional methods that the remote file has', async () => {
    const openFile = (): ReturnType<RandomAccessBackend['openFile']> => ({
      read: () => 0,
      write: () => undefined,
      stat: () => ({ type: 'regular', size: 0 }),
      sync: () => undefined,
      close: () => undefined,
      abort: () => undefined,
    });
    const backend = Object.assign(new MemoryBackend() as RandomAccessBackend, { openFile });
    const file = await new SftpBackendClient(loopback(backend)).openFile(FILE, flags({}), SESSION);
    expect('sync' in file).toBe(true);
    expect('setAttributes' in file).toBe(false);
  });

  it('splits what is longer than a message may be, by the lower of both limits', async () => {
    const backend = new MemoryBackend();
    const limits = checkedControllerOptions({ maxChunkBytes: 4 });
    const proxy = loopbackTo(new ServedBackend(backend, limits));
    const client = new SftpBackendClient(proxy, { maxChunkBytes: 1000 });
    const file = await client.openFile(
      FILE,
      flags({ read: true, write: true, create: true }),
      SESSION,
    );
    await file.write(Buffer.from('0123456789'), 0);
    const target = Buffer.alloc(20);
    expect(await file.read(target, 1)).toBe(9);
    expect(target.subarray(0, 9).toString()).toBe('123456789');
    const count = (operation: string): number =>
      proxy.sent.filter((pattern) => pattern === `sftp-backend.${operation}`).length;
    expect([count('write'), count('read')]).toEqual([3, 3]);
  });

  it('takes no more bytes than it has asked for', async () => {
    const opened = {
      handle: 'x',
      leaseTime: 60_000,
      maxChunkBytes: 10,
      canSetAttributes: false,
      canSync: false,
      staged: false,
    };
    const proxy = new Loopback((pattern) =>
      Promise.resolve({ value: pattern.endsWith('openFile') ? opened : { data: 'AAAAAAAA' } }),
    );
    const client = new SftpBackendClient(proxy);
    const file = await client.openFile(FILE, flags({ read: true }), SESSION);
    await expect(file.read(Buffer.alloc(2), 0)).rejects.toMatchObject({ code: 'EIO' });
    client.onApplicationShutdown();
  });
});
