import type { S3BackendOptions } from 'nestjs-sftpd/s3';

import type { CephStore } from '../../support/ceph/ceph-store.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { startS3Server, type S3Target } from '../../support/s3-server.js';

/** What every key of a {@link FaultSetup} begins with, and no client may be told. */
export const SECRET_PREFIX = 'hidden-prefix/';

/** Limits that a test can wait for. */
const LIMITS: Partial<S3BackendOptions> = {
  connectionTimeout: 1000,
  socketTimeout: 1500,
  maxAttempts: 4,
  requestTimeout: 5000,
  transferTimeout: 6000,
  partSize: 5 * 1024 * 1024,
};

/** A server that reaches its store through a proxy which can make it fail. */
export interface FaultSetup {
  readonly proxy: FaultProxy;
  readonly target: S3Target;
  stop(): Promise<void>;
}

/** Starts a server over an empty bucket, behind a proxy of its own. */
export async function startFaultSetup(
  store: CephStore,
  backend: Partial<S3BackendOptions> = {},
): Promise<FaultSetup> {
  const proxy = await FaultProxy.start(store.endpoint);
  const options = { ...LIMITS, endpoint: proxy.endpoint, prefix: SECRET_PREFIX, ...backend };
  // What tests leave open is not worth waiting for.
  const server = { drainTimeout: 200 };
  const target = await startS3Server(store, { backend: options, server });
  return {
    proxy,
    target,
    stop: async () => {
      await target.stop();
      await proxy.stop();
    },
  };
}
