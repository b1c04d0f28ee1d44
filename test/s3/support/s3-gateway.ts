import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ConnectConfig } from 'ssh2';

import { logIn } from '../../server/support/log-in.js';
import { Child, ROOT } from '../../smoke/child.js';
import type { CephStore } from '../../support/ceph/ceph-store.js';
import type { RawSftpClient } from '../../support/raw-sftp-client.js';
import { S3Probe } from '../../support/s3-probe.js';
import type { S3Target } from '../../support/s3-server.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { writeKeyPair, writeKnownHosts } from '../../support/test-keys.js';

const MAIN = join(ROOT, 'dist', 'apps', 'gateway', 'main.js');
const HOST = '127.0.0.1';

/** The built gateway in a process of its own, over a bucket. */
export interface S3Gateway extends S3Target {
  readonly process: Child;
}

/**
 * Starts a process, which need not get as far as to listen.
 *
 * @param directory its working directory and its home
 * @param env variables on top of those that lead to the store
 */
export function spawnGateway(
  directory: string,
  store: CephStore,
  env: Readonly<Record<string, string>>,
): Child {
  return new Child([MAIN], {
    cwd: directory,
    env: {
      HOME: directory,
      // The SDK's word about versions of Node is not the gateway's.
      NODE_NO_WARNINGS: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...store.environment,
      SFTP_PORT: '0',
      SFTP_HOST_KEY_DIR: join(directory, 'host-keys'),
      SFTP_BACKEND: 's3',
      S3_ENDPOINT: store.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      ...env,
    },
  });
}

/**
 * Starts the gateway and waits until it listens. Its static user logs in by key or by password, unless the
 * variables name a users file.
 *
 * @param env `S3_BUCKET` names an empty bucket of its own unless it is there
 */
export async function startGateway(
  store: CephStore,
  env: Readonly<Record<string, string>> = {},
): Promise<S3Gateway> {
  const bucket = env['S3_BUCKET'] ?? (await store.bucket());
  const directory = await makeTempDir();
  const { path } = directory;
  const key = await writeKeyPair(path, 'client-key');
  const keys = join(path, 'authorized_keys');
  await writeFile(keys, key.publicLine);
  const login: Record<string, string> =
    env['SFTP_USERS_FILE'] === undefined ? { SFTP_AUTHORIZED_KEYS: keys } : {};
  const child = spawnGateway(path, store, { S3_BUCKET: bucket, ...login, ...env });
  const [, port] = await child.output(/^SFTP server listening on \S+:(\d+)$/m);
  const known = join(path, 'known_hosts');
  return {
    ...(await writeKnownHosts(join(path, 'host-keys'), known, HOST, Number(port))),
    host: HOST,
    port: Number(port),
    username: 'dev',
    password: 'dev',
    keyFile: key.file,
    home: path,
    storage: new S3Probe(store.client, bucket),
    process: child,
    stop: () => stop(child, directory),
  };
}

async function stop(child: Child, directory: TempDir): Promise<void> {
  child.kill('SIGTERM');
  await child.ended;
  await directory.remove();
}

/** Logs in and opens a channel; as `dev` unless the configuration says otherwise. */
export async function openChannel(
  { port }: { readonly port: number },
  config: ConnectConfig = {},
): Promise<RawSftpClient> {
  const channel = await (await logIn({ port, ...config })).channel();
  await channel.init();
  return channel;
}
