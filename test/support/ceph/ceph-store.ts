import { randomUUID } from 'node:crypto';

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

import { makeTempDir, type TempDir } from '../temp-dir.js';
import { CephCluster, type CephKeys } from './ceph-cluster.js';
import { newPlan, PORTS_PER_CLUSTER } from './ceph-config.js';
import { findFreePorts } from './free-ports.js';

const KEYS: CephKeys = { accessKeyId: 'tests-access-key', secretAccessKey: 'tests-secret-key' };
const REGION = 'us-east-1';
const START_TRIES = 3;

/** A private S3 store: a Ceph RADOS Gateway whose data are in memory. */
export class CephStore implements CephKeys {
  readonly endpoint: string;
  readonly region = REGION;
  readonly accessKeyId = KEYS.accessKeyId;
  readonly secretAccessKey = KEYS.secretAccessKey;
  /** Talks to the store past whatever is tested. */
  readonly client: S3Client;
  readonly #cluster: CephCluster;
  readonly #directory: TempDir;

  constructor(cluster: CephCluster, directory: TempDir) {
    this.#cluster = cluster;
    this.#directory = directory;
    this.endpoint = cluster.endpoint;
    this.client = new S3Client({
      endpoint: cluster.endpoint,
      region: REGION,
      forcePathStyle: true,
      credentials: KEYS,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** What the SDK looks for in the environment of a process. */
  get environment(): Readonly<Record<string, string>> {
    return { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
  }

  /**
   * Makes an empty bucket.
   *
   * @default name one of its own
   * @returns its name
   */
  async bucket(name = `bucket-${randomUUID()}`): Promise<string> {
    await this.client.send(new CreateBucketCommand({ Bucket: name }));
    return name;
  }

  /** Kills the gateway with all its connections, as a crash would; what is stored stays. */
  killGateway(): Promise<void> {
    return this.#cluster.killGateway();
  }

  /** Starts the gateway again, at the same endpoint, and waits until it answers. */
  restartGateway(): Promise<void> {
    return this.#cluster.startGateway();
  }

  /** Ends all of it and removes its files. */
  async stop(): Promise<void> {
    this.client.destroy();
    await this.#cluster.stop();
    await this.#directory.remove();
  }
}

/**
 * Starts a store of its own. Its processes die with this one, however that ends.
 *
 * @throws Error with the last lines of the logs when it does not start in time
 */
export async function startCeph(): Promise<CephStore> {
  for (let tries = 1; ; tries += 1) {
    const directory = await makeTempDir();
    const port = await findFreePorts(PORTS_PER_CLUSTER);
    const cluster = new CephCluster(newPlan(directory.path, port));
    try {
      await cluster.start(KEYS);
      return new CephStore(cluster, directory);
    } catch (error) {
      await cluster.stop();
      await directory.remove();
      // Another process may have been faster to take one of the ports.
      const taken = /address.{0,20}in use|unable to bind/i.test(String(error));
      if (!taken || tries === START_TRIES) throw error;
    }
  }
}
