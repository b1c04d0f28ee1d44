import type { LockoutRules, LockoutStore } from '../server/admission/lockout-store.js';
import { FAIL, FORGIVE, LOCKED_FOR } from './lockout-scripts.js';
import type { RedisScriptClient } from './redis-script-client.js';

/** Options of a {@link RedisLockoutStore}. */
export interface RedisLockoutStoreOptions {
  /** What the keys begin with; the address follows. @default 'nestjs-sftpd:lockout:' */
  readonly keyPrefix?: string;
}

const KEY_PREFIX = 'nestjs-sftpd:lockout:';

/**
 * Keeps failed log-ins in Redis, so that several servers count together and a lockout holds at all of them. Each
 * address is one key, which expires by itself. While Redis does not answer, each server counts in its own memory.
 *
 * @example
 * ```ts
 * const redis = new Redis('redis://cache:6379', { enableOfflineQueue: false });
 * SftpModule.forRoot({ ..., lockout: { store: new RedisLockoutStore(redis) } });
 * ```
 */
export class RedisLockoutStore implements LockoutStore {
  readonly #client: RedisScriptClient;
  readonly #keyPrefix: string;

  /** @param client connected to Redis 5 or later; whoever made it listens to its errors and closes it */
  constructor(
    client: RedisScriptClient,
    { keyPrefix = KEY_PREFIX }: RedisLockoutStoreOptions = {},
  ) {
    this.#client = client;
    this.#keyPrefix = keyPrefix;
  }

  /** @throws whatever the client rejects with; a TypeError for an answer that is no number */
  async fail(address: string, rules: LockoutRules): Promise<number> {
    const { maxFailures, failureWindow, lockTime, maxLockTime } = rules;
    return this.#run(FAIL, address, [maxFailures, failureWindow, lockTime, maxLockTime]);
  }

  /** @throws whatever the client rejects with; a TypeError for an answer that is no number */
  async lockedFor(address: string): Promise<number> {
    return this.#run(LOCKED_FOR, address, []);
  }

  /** @throws whatever the client rejects with; a TypeError for an answer that is no number */
  async forgive(address: string, failures: number): Promise<void> {
    await this.#run(FORGIVE, address, [failures]);
  }

  async #run(script: string, address: string, args: readonly number[]): Promise<number> {
    const answer = await this.#client.eval(script, 1, `${this.#keyPrefix}${address}`, ...args);
    // An integer comes as text from clients that are told to keep big ones whole.
    const milliseconds = typeof answer === 'string' ? Number(answer) : answer;
    if (typeof milliseconds === 'number' && Number.isFinite(milliseconds)) return milliseconds;
    throw new TypeError('Redis has answered with something else than a number');
  }
}
