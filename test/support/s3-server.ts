import type { SftpModuleOptions } from 'nestjs-sftpd';
import { S3Backend, type S3BackendOptions } from 'nestjs-sftpd/s3';

import { type CephStore, startCeph } from './ceph/ceph-store.js';
import { S3Probe } from './s3-probe.js';
import type { SftpTarget } from './sftp-target.js';
import { startBackendServer } from './test-server.js';

/** A server over a bucket. */
export interface S3Target extends SftpTarget {
  readonly storage: S3Probe;
}

/** What a server over S3 is started with. */
export interface S3ServerOptions {
  /** Further options of the backend, or others than those that lead to an empty bucket of the store. */
  readonly backend?: Partial<S3BackendOptions>;
  /** Further options of the server. */
  readonly server?: Partial<SftpModuleOptions>;
}

/** Starts a Nest application that serves a bucket of a store, an empty one unless the options name one. */
export async function startS3Server(
  store: CephStore,
  { backend = {}, server = {} }: S3ServerOptions = {},
): Promise<S3Target> {
  const { endpoint, accessKeyId, secretAccessKey, client } = store;
  const options: S3BackendOptions = {
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    ...backend,
    bucket: backend.bucket ?? (await store.bucket()),
  };
  const prefix = typeof options.prefix === 'string' ? options.prefix : '';
  const storage = new S3Probe(client, options.bucket, prefix);
  const target = await startBackendServer(new S3Backend(options), storage, server);
  return { ...target, storage };
}

/** Starts a store of its own and a server over an empty bucket of it. */
export async function startS3StoreAndServer(options?: S3ServerOptions): Promise<S3Target> {
  const store = await startCeph();
  try {
    const target = await startS3Server(store, options);
    return {
      ...target,
      stop: async () => {
        await target.stop();
        await store.stop();
      },
    };
  } catch (error) {
    await store.stop();
    throw error;
  }
}
