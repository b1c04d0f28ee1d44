import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, it, jest } from '@jest/globals';

import { spawnOpenSsh } from './raw-openssh.js';
import { mkdir } from './raw-requests.js';
import type { RawServer } from './raw-server.js';
import { RawSftpClient, type RawClientOptions } from './raw-sftp-client.js';
import { WAIT_MS } from './raw-transport.js';

// longer than any bounded wait, so that the wait tells what failed
jest.setTimeout(3 * WAIT_MS);

/** Where the files of a spec lie. */
export type Storage = 'memory' | 'folder' | 'openssh';

/** Whether OpenSSH's server is the target, to prove the expectations. */
export const isReference = process.env['RAW_SFTP_TARGET'] === 'openssh';

/**
 * The storages that a spec runs over. With `RAW_SFTP_TARGET=openssh` it runs against OpenSSH's `sftp-server`
 * instead, which proves that the expectations are those of a server everybody uses.
 */
export const STORAGES: readonly Storage[] = isReference ? ['openssh'] : ['memory', 'folder'];

/** A test of what is meant to differ from OpenSSH's server: left out when that is the target. */
export const itOfOurs: typeof it.skip = isReference ? it.skip : it;

/** A `describe` of what only an SSH server has: left out when `sftp-server` is the target. */
export const describeOfOurs: typeof describe.skip = isReference ? describe.skip : describe;

/** A new channel and a new empty directory for one test. */
export interface Fresh {
  readonly sftp: RawSftpClient;
  /** Absolute path of the directory. */
  readonly dir: string;
}

/** The server that the tests of one `describe` share. */
export interface TargetContext {
  /** A channel after INIT, and a directory of its own. */
  fresh(): Promise<Fresh>;
  /** One more channel, after INIT. */
  channel(): Promise<RawSftpClient>;
  /** One more channel, before INIT. */
  rawChannel(options?: RawClientOptions): Promise<RawSftpClient>;
  /** A channel, after INIT, of another client on its own connection. */
  otherClient(): Promise<RawSftpClient>;
}

interface Running {
  readonly home: string;
  channel(options?: RawClientOptions): Promise<RawSftpClient>;
  otherClient(): Promise<RawSftpClient>;
  stop(): Promise<void>;
}

/** Starts a server over `storage` before the tests of this `describe` and stops it after them. */
export function useTarget(storage: Storage): TargetContext {
  let running: Running | undefined;
  let directories = 0;
  const channels: RawSftpClient[] = [];

  beforeAll(async () => {
    running = await start(storage);
  });

  afterAll(async () => {
    await running?.stop();
  });

  afterEach(async () => {
    const used = channels.splice(0);
    await Promise.all(used.map((channel) => channel.destroy()));
    for (const { violation } of used) if (violation) throw violation;
  });

  const target = (): Running => {
    if (!running) throw new Error('The server is not running');
    return running;
  };
  const rawChannel = async (options?: RawClientOptions): Promise<RawSftpClient> => {
    const channel = await target().channel(options);
    channels.push(channel);
    return channel;
  };
  const otherClient = async (): Promise<RawSftpClient> => {
    const channel = await target().otherClient();
    channels.push(channel);
    await channel.init();
    return channel;
  };
  const channel = async (): Promise<RawSftpClient> => {
    const opened = await rawChannel();
    await opened.init();
    return opened;
  };
  const fresh = async (): Promise<Fresh> => {
    const sftp = await channel();
    const dir = `${target().home}/t${++directories}`;
    await sftp.ok(mkdir(dir, { permissions: 0o755 }));
    return { sftp, dir };
  };
  return { fresh, channel, rawChannel, otherClient };
}

async function start(storage: Storage): Promise<Running> {
  const root = storage === 'memory' ? undefined : await mkdtemp(join(tmpdir(), 'raw-sftp-'));
  const cleanUp = async (): Promise<void> => {
    if (root !== undefined) await rm(root, { recursive: true, force: true });
  };
  if (storage === 'openssh' && root !== undefined) {
    const channel = (options?: RawClientOptions): Promise<RawSftpClient> =>
      Promise.resolve(new RawSftpClient(spawnOpenSsh(root), options));
    return { home: root, channel, otherClient: () => channel(), stop: cleanUp };
  }
  // loaded late: the reference runs without the server under test
  const { startRawServer } = await import('./raw-server.js');
  const server: RawServer = await startRawServer(
    root === undefined ? {} : { backend: await folderBackend(root) },
  );
  const connection = await server.connect();
  const other = await server.connect();
  const stop = async (): Promise<void> => {
    await connection.end();
    await other.end();
    await server.stop();
    await cleanUp();
  };
  return {
    home: '',
    channel: (options) => connection.channel(options),
    otherClient: () => other.channel(),
    stop,
  };
}

/** @param root an existing directory */
async function folderBackend(root: string): Promise<import('nestjs-sftpd').SftpBackend> {
  const { FolderBackend } = await import('nestjs-sftpd/folder');
  return new FolderBackend({ root });
}
