import type { Redis } from 'ioredis';
import type { IntentStore } from './intent-store.js';
import { parseIntent, type UploadIntent } from './upload-intent.js';

const INSTANCES = 'sftpd:ingestion:instances';
const REJECTED = 'sftpd:ingestion:rejected';

/** Forgets a process, but not what it has left behind. */
const FORGET = `if redis.call('exists', KEYS[2]) == 0 then return redis.call('srem', KEYS[1], ARGV[1]) end return 0`;

/** What is told of an intent that cannot be read. */
export interface StoreLog {
  error(message: string): void;
}

/**
 * Intents in Redis: a hash for each process, and a lease that tells that it lives. While Redis is away nothing can be
 * put. How much outlives Redis itself is for its own configuration to say (`appendonly`, `appendfsync`).
 */
export class RedisIntentStore implements IntentStore {
  readonly #redis: Redis;
  readonly #instance: string;
  readonly #lease: number;
  readonly #log: StoreLog;
  /** Whether others may have taken this process for gone since it was last asked. */
  #lapsed = false;

  /**
   * @param redis refuses commands while it is not connected, and gives up those that are not answered
   * @param instance of this process
   * @param lease milliseconds without a sign of life after which a process is taken for gone
   */
  constructor(redis: Redis, instance: string, lease: number, log: StoreLog) {
    this.#redis = redis;
    this.#instance = instance;
    this.#lease = lease;
    this.#log = log;
  }

  async open(): Promise<void> {
    await this.#live();
    this.#lapsed = false;
  }

  async put(intent: UploadIntent): Promise<void> {
    await this.#live(['hset', intentsKey(this.#instance), intent.id, JSON.stringify(intent)]);
  }

  async remove({ id, instance }: Pick<UploadIntent, 'id' | 'instance'>): Promise<void> {
    await this.#redis.hdel(intentsKey(instance), id);
  }

  async keepAlive(): Promise<boolean> {
    await this.#live();
    const lapsed = this.#lapsed;
    this.#lapsed = false;
    return !lapsed;
  }

  async *abandoned(): AsyncIterable<UploadIntent> {
    for (const instance of await this.#redis.smembers(INSTANCES)) {
      if (instance === this.#instance) continue;
      if ((await this.#redis.exists(leaseKey(instance))) === 1) continue;
      yield* this.#intentsOf(instance);
      await this.#forget(instance);
    }
  }

  async close(): Promise<void> {
    await this.#redis.del(leaseKey(this.#instance));
    await this.#forget(this.#instance);
  }

  /** A sign of life, and a command that is done only together with it. */
  async #live(...also: (string | number)[][]): Promise<void> {
    const [lived] = await this.#atOnce([
      ['exists', leaseKey(this.#instance)],
      ['sadd', INSTANCES, this.#instance],
      ['set', leaseKey(this.#instance), '1', 'PX', this.#lease],
      ...also,
    ]);
    if (lived !== 1) this.#lapsed = true;
  }

  async *#intentsOf(instance: string): AsyncIterable<UploadIntent> {
    let cursor = '0';
    do {
      const [next, fields] = await this.#redis.hscan(intentsKey(instance), cursor, 'COUNT', 100);
      cursor = next;
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [id = '', text = ''] = fields.slice(index, index + 2);
        const intent = parseIntent(text);
        // Both name what is struck out in the end.
        if (intent?.id === id && intent.instance === instance) yield intent;
        else await this.#reject(instance, id, text);
      }
    } while (cursor !== '0');
  }

  async #reject(instance: string, id: string, text: string): Promise<void> {
    await this.#atOnce([
      ['hset', REJECTED, id, text],
      ['hdel', intentsKey(instance), id],
    ]);
    this.#log.error(`An upload's note in Redis cannot be read; it is kept in ${REJECTED}`);
  }

  async #forget(instance: string): Promise<void> {
    await this.#redis.eval(FORGET, 2, INSTANCES, intentsKey(instance), instance);
  }

  /** All of several commands, or none. */
  async #atOnce(commands: (string | number)[][]): Promise<unknown[]> {
    const replies = await this.#redis.multi(commands).exec();
    if (replies === null) throw new Error('Redis has discarded a transaction');
    return replies.map(([error, reply]) => {
      if (error) throw error;
      return reply;
    });
  }
}

function intentsKey(instance: string): string {
  return `sftpd:ingestion:intents:${instance}`;
}

function leaseKey(instance: string): string {
  return `sftpd:ingestion:lease:${instance}`;
}
