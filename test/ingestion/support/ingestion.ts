import { once } from 'node:events';
import path from 'node:path';
import { createRequire } from 'node:module';
import type { Job, Queue as BullQueue } from 'bullmq';
import { Redis } from 'ioredis';
import ssh2, { type Client, type SFTPWrapper } from 'ssh2';
import { Child } from '../../smoke/child.js';
import type { RedisServer } from '../../support/redis/redis-server.js';

const { Queue } = createRequire(import.meta.url)('bullmq') as typeof import('bullmq');

const LISTENING = /^SFTP server listening on \S+:(\d+)$/m;

/** What the gateway and the workers put into the queue. */
export interface SeenJob {
  readonly uploadId: string;
  readonly user: string;
  readonly path: string;
  readonly backend: string;
  readonly bytes: number;
  readonly size: number;
  readonly digest: { readonly algorithm: string; readonly hex: string } | null;
  readonly completedAt: string;
  readonly content: unknown;
}

/** Starts the built gateway on a folder. */
export function startGateway(directory: string, env: NodeJS.ProcessEnv): Child {
  return new Child([path.join(import.meta.dirname, 'gateway-program.mjs')], {
    env: {
      SFTP_PORT: '0',
      SFTP_HOST_KEY_DIR: path.join(directory, 'host-keys'),
      SFTP_BACKEND: 'folder',
      SFTP_FOLDER_ROOT: path.join(directory, 'files'),
      LOG_LEVEL: 'debug',
      ...env,
    },
  });
}

/** Starts the built worker. */
export function startWorker(env: NodeJS.ProcessEnv): Child {
  return new Child([path.join(import.meta.dirname, 'worker-program.mjs')], { env });
}

/** A client of a gateway. */
export class Uploader {
  readonly #client: Client;
  readonly #sftp: SFTPWrapper;

  private constructor(client: Client, sftp: SFTPWrapper) {
    this.#client = client;
    this.#sftp = sftp;
  }

  /** Logs in to a gateway as soon as it listens. */
  static async connect(gateway: Child): Promise<Uploader> {
    return Uploader.connectTo(Number((await gateway.output(LISTENING))[1]));
  }

  /** @param port of the loopback interface */
  static async connectTo(port: number): Promise<Uploader> {
    const client = new ssh2.Client();
    client.on('error', () => undefined);
    client.connect({ host: '127.0.0.1', port, username: 'dev', password: 'dev' });
    await once(client, 'ready');
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
      client.sftp((error, opened) => (error ? reject(error) : resolve(opened)));
    });
    return new Uploader(client, sftp);
  }

  /** Uploads a file. @throws Error with the status text of the server, or when the connection is lost */
  put(file: string, content: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new Error('connection lost'));
      this.#client.once('close', lost);
      this.#sftp.writeFile(file, content, (error) => {
        this.#client.off('close', lost);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  rename(from: string, to: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sftp.rename(from, to, (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): void {
    this.#client.destroy();
  }
}

/** The queue, seen from outside. */
export class SeenQueue {
  readonly #redis: Redis;
  readonly #queue: BullQueue<SeenJob>;

  constructor(server: RedisServer) {
    this.#redis = new Redis(server.url, { maxRetriesPerRequest: null });
    // Redis goes away in these tests.
    this.#redis.on('error', () => undefined);
    this.#queue = new Queue('sftp-uploads', { connection: this.#redis });
    this.#queue.on('error', () => undefined);
  }

  async jobs(): Promise<Job<SeenJob>[]> {
    const jobs = await this.#queue.getJobs();
    return jobs.sort((one, other) => one.data.path.localeCompare(other.data.path));
  }

  async paths(): Promise<string[]> {
    return (await this.jobs()).map(({ data }) => data.path);
  }

  /** Waits for as many jobs, of whatever state. */
  async waitForJobs(count: number): Promise<Job<SeenJob>[]> {
    for (;;) {
      const jobs = await this.jobs();
      if (jobs.length >= count) return jobs;
      // Redis goes away in these tests, and its events with it.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What has become of a job. @throws Error with the reason, when it has failed */
  async result(job: Job<SeenJob>): Promise<unknown> {
    for (;;) {
      // Looked for: BullMQ's events miss what happens while one begins to listen.
      const state = await job.getState();
      if (state === 'completed' || state === 'failed') {
        const ended = await this.#queue.getJob(job.id ?? '');
        if (state === 'failed') throw new Error(ended?.failedReason);
        return ended?.returnvalue;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Adds a job as another program might. */
  async add(data: object): Promise<void> {
    await this.#queue.add('upload', data as SeenJob, { attempts: 2 });
  }

  /** Uploads that are noted down in Redis. */
  async noted(): Promise<number> {
    const keys = await this.#redis.keys('sftpd:ingestion:intents:*');
    const counts = await Promise.all(keys.map((key) => this.#redis.hlen(key)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    // The queue would wait for a Redis that was never there.
    this.#redis.disconnect();
    await Promise.allSettled([this.#queue.close()]);
  }
}
